#include <stddef.h>

extern void *memset(void *, int, size_t);
extern void *memcpy(void *, const void *, size_t);
extern char *strncpy(char *, const char *, size_t);
extern long read(int, void *, size_t);

typedef float vec5[5];

void step(float *v, int *flags, char *text, const char *from)
{
    v += sizeof(vec5) / sizeof(v); /*~ pointer_size_for_object */
    v[20 / sizeof(float *)] = 0; /*~ pointer_size_for_object */
    memset(flags, 0, sizeof(flags)); /*~ pointer_size_for_object */
    read(0, flags, sizeof flags); /*~ pointer_size_for_object */
    memcpy(flags, from, sizeof(flags)); /*~ pointer_size_for_object */
    strncpy(text, from, sizeof(text) - 1); /*~ pointer_size_for_object */
}
