unsigned rotate(unsigned x)
{
    __asm__("roll $5, %0" : "+r"(x));
    return x;
}

void fence(void)
{
    __asm__ __volatile__("" : : : "memory");
}
