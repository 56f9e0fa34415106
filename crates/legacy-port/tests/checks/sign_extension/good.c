#include <stddef.h>

/* never negative, or never wide, or unsigned on both */
long fits(unsigned a, unsigned char b, char *p, size_t n, long l)
{
    long d = (a | 0x100) - b;
    unsigned u = a - b;
    unsigned long w = a - b;
    p = p + (a - 1);
    n &= ~(size_t)a;
    d += (int)(a - b);
    if (l >= 0 && l < a)
        d += l % a;
    return d + u + w + *p + n;
}
