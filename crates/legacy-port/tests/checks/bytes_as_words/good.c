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
    *a = *b + *c + *d + (e->next != 0) + (f != 0); /*~ implicit_narrowing(look) */
}

/* counted by the word that the target has */
void sort_step(char *a, char *b, unsigned long size, void *block)
{
    if (size % sizeof(long) == 0) {
        long t = *(long *)a;
        *(long *)a = *(long *)b;
        *(long *)b = t;
    }
    long *behind = (long *)((char *)block + sizeof(long));
    behind[0] = 0;
}
