#include <stddef.h>
#include <stdint.h>

struct block { /*~ record_layout */
    struct block *next;
    int32_t size;
    char data[4];
};

struct flat {
    int32_t a, b, c;
};

extern void *malloc(size_t n);

char *parts(struct block *b, struct flat *f, char *bytes, int n)
{
    char text[20];
    struct block *more = malloc(offsetof(struct block, data) + n);
    n += sizeof(text) - 1 + sizeof(struct flat) - 4;
    n += *(int32_t *)((char *)f + 8) + bytes[8] + more->size;
    return (char *)b + sizeof(struct block) + n + offsetof(struct block, data);
}
