#include <stdint.h>

typedef uint32_t word;

struct device { /*~ record_layout */
    unsigned long flags;
};

/* words of 32 bits on both, and casts that say it */
int32_t sample(int32_t raw, long other)
{
    raw = (raw << 8) >> 8;
    return raw + (int16_t)other;
}

word sign(int x, long y)
{
    return ((word)x >> 31) + (((unsigned long)y >> 31) & 1) + ((unsigned)x >> 31);
}

/* the values are small, or nobody sees the rest */
unsigned long shifted(unsigned char c, unsigned long x)
{
    unsigned low = (unsigned char)((x << 24) >> 24);
    return (((unsigned long)c << 8) >> 8) + ((x << 16 >> 16) & 0xFFFF) + low;
}

/* other amounts: bits go somewhere */
unsigned long moved(unsigned long x, unsigned u)
{
    return ((x << 8) >> 4) + (x >> 31) + (u >> 31);
}

int mark(struct device *d, unsigned narrow)
{
    narrow |= 1 << 31;
    d->flags |= 1UL << 31;
    d->flags |= 1 << 30;
    return (d->flags & (1 << 31)) != 0 || narrow;
}
