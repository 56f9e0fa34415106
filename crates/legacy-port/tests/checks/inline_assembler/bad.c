unsigned sum(const void *buf, int n)
{
    unsigned result;
    const void *p = buf;
    __asm__ __volatile__( /*~ inline_assembler */
        "movl %1, %%esi\n\t"
        "movl %2, %%ecx\n\t"
        "addl (%%esi), %0"
        : "=r"(result)
        : "m"(p), "m"(n)
        : "esi", "ecx");
    return result;
}

unsigned long stack(void)
{
    unsigned long sp;
    __asm__("movl %%esp, %0" : "=m"(sp)); /*~ inline_assembler */
    return sp;
}
