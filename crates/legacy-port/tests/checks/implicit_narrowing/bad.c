#include <stddef.h>
#include <stdarg.h>

typedef long time_t;
typedef long ssize_t;
extern size_t strlen(const char *);
extern long ftell(void *);
extern time_t time(time_t *);
extern void take(int n);

struct entry { /*~ record_layout */
    char *name;
    int length;
    unsigned when;
};

int lengths(struct entry *e, char *s, char *end)
{
    int n = strlen(s); /*~ implicit_narrowing(look) */
    e->length = end - s; /*~ implicit_narrowing(look) */
    e->when = time(0); /*~ implicit_narrowing */
    take(sizeof(*e) + strlen(s)); /*~ implicit_narrowing(look) */
    n += strlen(e->name); /*~ implicit_narrowing(look) */
    return ftell(s) + n; /*~ implicit_narrowing */
}

int compare(const long *a, const long *b)
{
    return *a - *b; /*~ implicit_narrowing(look) */
}

/* through macros, ternaries, arrays, pointers to members */
#define LEN(s) strlen(s)
int shapes(struct entry e[], int i, long offset[], const char *s)
{
    int n = LEN(s); /*~ implicit_narrowing(look) */
    e[i].length = i ? offset[i] : 0; /*~ implicit_narrowing(look) */
    (&e[i])->length = (offset[0]); /*~ implicit_narrowing(look) */
    n = i, e->length = offset[1]; /*~ implicit_narrowing(look) */
    unsigned u = -offset[2]; /*~ implicit_narrowing(look) */
    int list[2] = { 0, offset[3] }; /*~ implicit_narrowing(look) */
    return u + list[n];
}

/* a mask that does not bound, a shift that leaves too much */
unsigned partly(unsigned long x)
{
    unsigned a = x & ~0xFUL; /*~ implicit_narrowing */
    unsigned b = x >> 8; /*~ implicit_narrowing(look) */
    return a + b;
}

int variadic(int n, ...)
{
    va_list ap;
    int m;
    va_start(ap, n);
    m = va_arg(ap, long); /*~ implicit_narrowing */
    va_end(ap);
    return m;
}

/* conditions that hold no more, or say nothing of the value */
int unguarded(size_t n, long offset, int *out)
{
    if (n < 4096)
        n += strlen("x") + offset;
    out[0] = n; /*~ implicit_narrowing(look) */
    if (offset < 1000)
        out[1] = offset; /*~ implicit_narrowing(look) */
    if (n > 10)
        out[2] = n; /*~ implicit_narrowing(look) */
    long *p = &offset;
    *p = ftell(out);
    long k = 0;
    while (k != ftell(out))
        k++;
    return k; /*~ implicit_narrowing(look) */
}

int in_loop(long n, int *out)
{
    if (n < 0 || n > 100)
        return 0;
    while (*out) {
        *out = n; /*~ implicit_narrowing */
        n = ftell(out);
    }
    return 0;
}

/* values from elsewhere: the members that the program fills itself hold nothing wide */
struct step { /*~ record_layout */
    long tics, offset;
};
static struct step steps[] = { { 5, 0 }, { -1, 10 } };
int frame(struct step *s, void *file)
{
    int tics = steps[1].tics; /*~ implicit_narrowing(look) */
    s->offset = ftell(file);
    s->tics -= 1;
    return tics + s->offset; /*~ implicit_narrowing */
}

/* what the system's values go into is wide, and what is set to it; what the program computes itself is not */
static long started, score, best;
static long larger(long a, long b)
{
    return a > b ? a : b;
}
int elapsed(void *file, int points)
{
    started = time(0);
    long since = started;
    score = larger(score + points, best);
    int a = since; /*~ implicit_narrowing */
    int b = larger(score, best); /*~ implicit_narrowing(look) */
    int c = larger(score, ftell(file)); /*~ implicit_narrowing */
    int d = score; /*~ implicit_narrowing(look) */
    return a + b + c + d;
}

/* what another `case` asks, an argument taken and assembler say nothing of the value */
int unasked(int kind, void *file, int n, ...)
{
    long at = ftell(file);
    int a = 0;
    switch (kind) {
    case 1:
        a = 1;
        if (at > 1000)
            return 0;
        if (at < 0)
            return 0;
        break;
    case 2:
        a = at; /*~ implicit_narrowing */
        break;
    case 3:
        a = 3;
        a += at; /*~ implicit_narrowing */
    }
    va_list list;
    va_start(list, n);
    long given = va_arg(list, long);
    if (given < 0)
        given = 0;
    a += given; /*~ implicit_narrowing */
    va_end(list);
    return a;
}

/* between two objects, which may lie anywhere */
static char title[64], *names;
int named(const char *p)
{
    int inside = p - title; /*~ implicit_narrowing(look) */
    int at = title - names; /*~ implicit_narrowing */
    return inside + at;
}

/* what `switch` and `goto` jump over says nothing of what they jump to */
int jumped(int kind, time_t at)
{
    switch (kind) {
    case 1:
        at = time(0);
        if (at < 0 || at > 100)
            return 0;
        return at;
    default:
        return at; /*~ implicit_narrowing */
    }
}

int again(time_t at, int late)
{
    if (late)
        goto out;
    if (at < 0 || at > 100)
        return 0;
    late = at;
out:
    return at + late; /*~ implicit_narrowing(look) */
}
