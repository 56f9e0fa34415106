#include <stdint.h>

#define ROTL(x, n) (((x) << (n)) | ((x) >> (32 - (n))))

/* 32 bits on both */
uint32_t hash(uint32_t h, unsigned i, int n)
{
    return ROTL(h, 5) ^ ROTL(i, n);
}

/* 64 bits on both */
uint64_t wide(uint64_t x)
{
    return x << 13 | x >> 51;
}

/* no rotation: other words, other widths */
unsigned long fields(unsigned long a, unsigned long b)
{
    return (a << 16 | b >> 16) + (a << 8 | a >> 8);
}
