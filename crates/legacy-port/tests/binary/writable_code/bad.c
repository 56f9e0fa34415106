/* cc -m64 */
/*~ PT_LOAD RWE */
__asm__(".section .patch, \"awx\", @progbits\npatched: ret\n.text");

int main(void)
{
    return 0;
}
