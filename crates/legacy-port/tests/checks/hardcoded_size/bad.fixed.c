#include <stddef.h>

extern void *malloc(size_t n);
extern void *calloc(size_t n, size_t size);
extern void *realloc(void *p, size_t n);
extern void *memset(void *p, int c, size_t n);
extern void *memcpy(void *to, const void *from, size_t n);
extern long read(int fd, void *buf, size_t n);
extern void qsort(void *base, size_t n, size_t size, int (*f)(const void *, const void *));
extern char *zone_alloc(int size, int tag); /* a wrapper of the time */

typedef long time_t;
struct node { /*~ record_layout */
    struct node *next;
    long value;
};

struct node **table(int n)
{
    struct node **t = malloc(n * sizeof (struct node *)); /*~ hardcoded_size */
    t = realloc(t, sizeof (struct node *) * (n + 1)); /*~ hardcoded_size */
    t = (struct node **)zone_alloc(n * 4 + 4, 1); /*~ hardcoded_size */
    t = calloc(n, sizeof (struct node *)); /*~ hardcoded_size */
    t = malloc(n << 2); /*~ hardcoded_size */
    return t;
}

#define POINTER_SIZE 4
#define NEW(n) malloc((n) * POINTER_SIZE) /*~ hardcoded_size */
char **names(int n)
{
    return NEW(n);
}

struct node *one(int fd, int compare(const void *, const void *), struct node **list, int n)
{
    struct node *p = malloc(sizeof (struct node)); /*~ hardcoded_size */
    time_t when;
    long line[4];
    memset(p, 0, sizeof (struct node)); /*~ hardcoded_size */
    memset(line, 0, sizeof (long[4])); /*~ hardcoded_size */
    read(fd, &when, 4); /*~ hardcoded_size */
    memcpy(&p->value, &when, 4); /*~ hardcoded_size */
    memcpy((char *)line, (char *)&when, 4); /*~ hardcoded_size */
    qsort(list, n, sizeof (struct node *), compare); /*~ hardcoded_size */
    return p;
}

/* functions of the program that take the size of what they are given */
extern int load(void *to, int size, int count, int file);
int restore(int file)
{
    static long score[8];
    static int level[8];
    char *name[4];
    return load(score, 4, 8, file) + load(level, 4, 8, file) + load(&score[1], sizeof(long), 1, file)  /*~ hardcoded_size */
        + load(name, 4, 4, file); /*~ hardcoded_size */
}
