#include <stddef.h>
#include <stdint.h>

extern char *allocate(size_t n);

struct node { /*~ record_layout */
    struct node *next;
};

void words(unsigned char *data, int n)
{
    uint32_t *a = (uint32_t *)data;
    short *b = (short *)data;
    int *c = (int *)data;
    /* memory of no type, as old allocators hand it out */
    long *d = (long *)allocate(n * sizeof(long));
    struct node *e = (struct node *)data;
    char **f = (char **)data;
    *a = *b + *c + *d + (e->next != 0) + (f != 0); /*~ implicit_narrowing */
}
