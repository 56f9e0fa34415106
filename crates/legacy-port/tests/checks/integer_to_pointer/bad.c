#include <stddef.h>

struct mobj { /*~ record_layout */
    struct mobj *next;
    int special; /*~ pointer_truncation */
    int flags;
};

extern void *mmap(void *where, size_t n, int prot, int flags, int fd, long off);
extern int atoi(const char *text);

int current; /*~ pointer_truncation */

void set(struct mobj *m, struct mobj *target)
{
    m->special = (int)target;
    current = (int)target;
}

/* read back in another function, dereferenced, passed on */
int get(struct mobj *m)
{
    struct mobj *t = (struct mobj *)m->special; /*~ integer_to_pointer */
    if (((struct mobj *)(m->special))->flags) /*~ integer_to_pointer */
        t = (void *)current; /*~ integer_to_pointer */
    return t->flags;
}

/* nobody wrote a cast */
struct mobj *implicit(struct mobj *m)
{
    return m->special; /*~ integer_to_pointer */
}

char *local(int fd, int n)
{
    int addr = (int)mmap(0, n, 1, 2, fd, 0); /*~ pointer_truncation */
    return (char *)addr; /*~ integer_to_pointer */
}

/* an address in a command line */
struct mobj *shared(char **argv)
{
    return (struct mobj *)atoi(argv[1]); /*~ integer_to_pointer */
}

/* by way of a parameter, of a result, of a table */
static struct mobj *from_parameter(int handle)
{
    return (struct mobj *)handle; /*~ integer_to_pointer */
}
int use_parameter(struct mobj *m)
{
    return from_parameter((int)m)->flags; /*~ pointer_truncation */
}
static int by_result(struct mobj *m)
{
    return (int)m; /*~ pointer_truncation */
}
struct mobj *use_result(struct mobj *m)
{
    return (struct mobj *)by_result(m); /*~ integer_to_pointer */
}

/* copied, counted on from, kept in an array */
char *onward(char *start, int n)
{
    int at, base = (int)start; /*~ pointer_truncation */
    int list[2];
    for (at = base; at < base + n; at++)
        if (*(char *)at == 0) /*~ integer_to_pointer */
            return (char *)(at + 1); /*~ integer_to_pointer */
    list[0] = (int)start; /*~ pointer_truncation */
    return (char *)list[0]; /*~ integer_to_pointer */
}

/* by way of memory that several pointers go through, of sums, of parameters that are handed on */
static int script[64], *write_at; /*~ pointer_truncation */
static void compile(struct mobj *m)
{
    write_at = script;
    *write_at++ = (int)m;
}
struct mobj *interpret(void)
{
    int *read_at = &script[0];
    return (struct mobj *)*(read_at + 1); /*~ integer_to_pointer */
}
static char *drawn(int place, int column)
{
    unsigned at = place + column;
    return (char *)at; /*~ integer_to_pointer */
}
static char *draw(int frame, int column)
{
    return drawn(frame, column);
}
char *begin(struct mobj *m)
{
    compile(m);
    return draw((int)m, 3); /*~ pointer_truncation */
}
