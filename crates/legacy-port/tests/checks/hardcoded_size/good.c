#include <stddef.h>
#include <stdint.h>

extern void *malloc(size_t n);
extern void *memset(void *p, int c, size_t n);
extern void *memcpy(void *to, const void *from, size_t n);
extern long read(int fd, void *buf, size_t n);
extern void qsort(void *base, size_t n, size_t size, int (*f)(const void *, const void *));

struct point {
    int x, y;
};

struct node { /*~ record_layout */
    struct node *next;
    long value;
};

/* elements of this size on both */
int *numbers(int n, int compare(const void *, const void *))
{
    int *p = malloc(n * 4);
    unsigned *u = malloc(4 * n + 4);
    struct point *q = malloc(n * 8);
    int32_t mark;
    memset(q, 0, 8);
    read(0, &mark, 4);
    qsort(u, n, 4, compare);
    return p;
}

/* said by sizeof, or a number of elements, or bytes */
struct node **table(int n, char *buf)
{
    struct node **t = malloc(n * sizeof(struct node *));
    struct node *p = malloc(4 * sizeof *p);
    char *text = malloc(n * 4);
    double *d = malloc(n * 8);
    memset(t, 0, 4 * sizeof *t);
    memcpy(buf, text, 4);
    read(0, buf, 8);
    *d = 0;
    return t + (p == 0);
}
