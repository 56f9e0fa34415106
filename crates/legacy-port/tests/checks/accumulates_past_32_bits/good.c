#include <stdint.h>

/* 32 bits on both, or cut to them */
uint32_t hash(const char *s)
{
    uint32_t h = 0;
    unsigned long wide = 0;
    while (*s) {
        h = h * 31 + *s;
        wide = (wide * 31 + *s) & 0xFFFFFFFF;
        wide = (uint32_t)(wide * 33 + *s++); /*~ explicit_narrowing */
    }
    return h + (wide != 0);
}

/* low bits follow from low bits */
int bucket(const char *s)
{
    unsigned long h = 0;
    while (*s)
        h = h * 31 + *s++;
    return h & 0xFF;
}

/* a number as it is written, bytes put together, time */
long number(const char *s)
{
    long n = 0;
    while (*s)
        n = n * 10 + (*s++ - '0');
    return n;
}

unsigned long word(const unsigned char *p)
{
    unsigned long v = 0;
    int i;
    for (i = 0; i < 4; i++)
        v = (v << 8) | p[i];
    return v;
}

long seconds(long hours, long minutes)
{
    long s = hours * 60 + minutes;
    s *= 60;
    return s;
}
