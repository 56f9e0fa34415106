#include <stddef.h>

long distance(unsigned a, unsigned b, char *p, int list[])
{
    long d = a - b; /*~ sign_extension */
    p += a - b;
    p = p + (a - b); /*~ sign_extension(look) */
    d += list[b - a]; /*~ sign_extension(look) */
    return d + *p;
}

long negative(unsigned step)
{
    return -step; /*~ sign_extension */
}

unsigned long page(unsigned long address, unsigned size)
{
    address &= ~(size - 1); /*~ sign_extension */
    return address & ~size; /*~ sign_extension */
}

int before(long n, unsigned count)
{
    return n < count; /*~ sign_extension */
}
