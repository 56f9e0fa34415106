#include <stddef.h>

static char *next;

/* wide enough for all, or as wide as a pointer */
void *allocate(size_t size)
{
    char *block = next;
    size = (size + 15) & ~15;
    size += (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
    next += size;
    return block;
}

/* a row of a picture, a field of a file: 4 bytes on every target */
int row(int width)
{
    return (width + 3) & ~3;
}

/* down and not up */
void *page(int n)
{
    return next + (n & ~3);
}
