/* cc -m64 */
__asm__(".section .patch, \"ax\", @progbits\npatched: ret\n.text");

int main(void)
{
    return 0;
}
