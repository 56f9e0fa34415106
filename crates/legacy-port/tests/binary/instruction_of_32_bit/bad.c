/* cc -m32 -O1 */
/*~ save_all */
__attribute__((noinline)) void save_all(void)
{
    __asm__ volatile("pusha\n\tpopa");
}

/*~ decimal */
__attribute__((noinline)) int decimal(int a, int b)
{
    __asm__("addb %b1, %b0\n\tdaa" : "+a"(a) : "q"(b));
    return a;
}

int main(int argc, char **argv)
{
    save_all();
    return decimal(argc, 1);
}
