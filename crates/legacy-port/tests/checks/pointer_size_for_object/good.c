#include <stddef.h>

extern void *memset(void *, int, size_t);
extern void *malloc(size_t);
extern char *strncpy(char *, const char *, size_t);

static const char *names[] = { "a", "b", "c" };
struct list { /*~ record_layout */
    char *first;
    char *rest[8];
};

size_t counts(struct list *l, char **out)
{
    char text[16];
    size_t n = sizeof(names) / sizeof(names[0]);
    n += sizeof(l->rest) / sizeof(char *) + sizeof(struct list) / sizeof(void *);
    out = malloc(n * sizeof(char *));
    memset(out, 0, n * sizeof(*out));
    memset(l, 0, sizeof(*l));
    memset(&out, 0, sizeof(out));
    strncpy(text, names[0], sizeof(text) - 1);
    return n + sizeof(text) / sizeof(text[0]) + sizeof(l);
}
