#include <stddef.h>

struct header {
    char magic[4];
    unsigned version;
    unsigned sum;
};

int distance(char *from, char *to)
{
    return (int)to - (int)from; /*~ pointer_difference */
}

unsigned body(struct header *h)
{
    return (unsigned)&h->sum - (unsigned)h; /*~ pointer_difference */
}

int nth(struct header *base, struct header *h)
{
    return ((int)h - (int)base) / sizeof(struct header); /*~ pointer_difference */
}
