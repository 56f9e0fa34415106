#include <stddef.h>

static char *next;

void *allocate(int size)
{
    char *block = next;
    size = (size + 3) & ~3; /*~ pointer_alignment */
    next += size;
    return block;
}

#define ROUND(n) (((n) + 3) & ~3) /*~ pointer_alignment */
char *get(unsigned n)
{
    next += ROUND(n);
    return next - n;
}

void *wide(size_t n)
{
    return next + ((n + 3) & ~(size_t)3); /*~ pointer_alignment */
}
