/* cc -m64 -O1 */
/*~ write_out */
__attribute__((noinline)) long write_out(const char *text, long length)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(4), "b"(1), "c"(text), "d"(length) : "memory");
    return result;
}

int main(void)
{
    return write_out("hello\n", 6) != 6;
}
