#include <stddef.h>
#include <stdint.h>

/* meant: 32 bits of it, or bits out of the middle */
unsigned long cut(unsigned long x, unsigned u)
{
    return (x & 0xFFFFFFFF) + (x & 0xFF00) + (u & 0xFFFFFFFC) + ((x & 0xFFFF0000) >> 16);
}

/* follows the type */
size_t round_up(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

int marks(uint32_t word, unsigned u, unsigned long x)
{
    return word == 0xFFFFFFFF || u == 0xFFFFFFFFU || x == 0x7FFFFFFF || (unsigned long)u == 0xFFFFFFFF;
}

/* a sign extends */
long negative(long x)
{
    return x & ~3;
}
