#include <stddef.h>
#include <stdint.h>

long distance(char *from, char *to)
{
    return (to - from) + (long)to - (long)from;
}

int numbers(int a, short b)
{
    return (int)a - (int)b;
}

intptr_t wide(void *p, void *q)
{
    return (intptr_t)p - (intptr_t)q;
}
