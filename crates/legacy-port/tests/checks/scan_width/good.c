#include <stddef.h>

extern int sscanf(const char *, const char *, ...);

int parse(const char *s, int *n, long *l, size_t *z, short *h, unsigned char *c, double *d, char *buf)
{
    return sscanf(s, "%d %ld %zu %hd %hhu %lf %s %*d", n, l, z, h, c, d, buf);
}

/* wrong on both alike */
int wrong(const char *s, short *h, long long *w)
{
    return sscanf(s, "%d %d", h, w);
}
