#include <stddef.h>
#include <stdint.h>

struct pair { int a, b; };

/* fits, or was cut before */
int fits(size_t n, unsigned long bits, int64_t wide, long l)
{
    int a = (int)sizeof(struct pair);
    int b = (int)(bits & 0xFFFF);
    int c = n < 100 ? (int)n : 0;
    int d = (int)wide;
    short e = (short)l;
    long f = (long)n;
    return a + b + c + d + e + (int)(f != 0) + (int)(n * 0 + a);
}
