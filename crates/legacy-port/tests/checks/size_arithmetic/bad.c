#include <stddef.h>

struct block { /*~ record_layout */
    struct block *next;
    int size;
    long tag;
    char data[4];
};

extern void *malloc(size_t n);
extern void clear(void *p, size_t n);

long tag(struct block *b)
{
    return *(long *)((char *)b + 8) + ((char *)b)[12]; /*~ size_arithmetic size_arithmetic bytes_as_words */
}

struct block *make(int n)
{
    struct block *b = malloc(sizeof(struct block) - 4 + n); /*~ size_arithmetic */
    clear(b + 1, sizeof(*b) - 8); /*~ size_arithmetic */
    return b;
}
