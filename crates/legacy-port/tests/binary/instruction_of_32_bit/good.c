/* cc -m32 -O1 */
__attribute__((noinline)) void save_some(void)
{
    __asm__ volatile("pushl %eax\n\tpopl %eax\n\tpushfl\n\tpopfl");
}

/* A table among the code, as old assembler has them, with the byte of `pusha`. */
__asm__(".text\ntable: .byte 0x60, 0x60, 0x0f, 0xff, 0x60, 0x60");

int main(void)
{
    save_some();
    return 0;
}
