#include <stddef.h>
#include <stdint.h>

extern void *malloc(size_t n);

/* as wide on both */
int32_t pair(short *history, unsigned *words)
{
    return *(int32_t *)(history + 2) + *(int *)words;
}

/* both change together */
char **names(long *words, void **table)
{
    return words[0] ? (char **)table : (char **)words;
}

/* memory without a type, bytes kept for later, records */
long *list(int n, char *arena, unsigned char *bytes)
{
    long *p = malloc(n * sizeof(long));
    long *q = (long *)arena; /*~ bytes_as_words */
    bytes = (unsigned char *)p;
    return bytes ? q : (long *)(void *)bytes;
}
