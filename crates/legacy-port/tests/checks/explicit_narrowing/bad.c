#include <stddef.h>

typedef long time_t;
extern long ftell(void *file);
extern time_t time(time_t *t);
extern size_t strlen(const char *s);

struct entry {
    unsigned when;
    int offset;
};

void fill(struct entry *e, void *file, const char *name)
{
    e->offset = (int)ftell(file); /*~ explicit_narrowing */
    e->when = (unsigned)time(0); /*~ explicit_narrowing */
    e->offset += (int)(strlen(name) + ftell(file)); /*~ explicit_narrowing */
}
