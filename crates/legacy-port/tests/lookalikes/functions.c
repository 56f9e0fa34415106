#include "lib.h"

typedef void (*handler)(void);
typedef int (*compare)(const void *, const void *);
typedef void *(*allocator)(size_t);

static void nothing(void)
{
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int by_long(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void sorted(int *v, long *w, char **s, size_t n)
{
    qsort(v, n, sizeof *v, by_number);
    qsort(v, n, 4, by_number);
    qsort(w, n, sizeof *w, by_long);
    qsort(s, n, sizeof *s, by_text);
}

int called(handler h)
{
    if (h)
        h();
    return h == nothing;
}

static const handler handlers[] = {nothing, 0, nothing};

void by_number_in_a_table(unsigned long n)
{
    handlers[n & 1]();
    (*handlers[n % 3])();
}

handler default_handler(void)
{
    handler h = &nothing;
    return h == (handler)-1 || h == (handler)1 ? 0 : h;
}

uintptr_t address(void)
{
    return (uintptr_t)nothing;
}

void with_user_data(void (*f)(void *), int *n)
{
    f(n);
    f(0);
}

void *chosen(allocator a, size_t n)
{
    return a ? a(n) : malloc(n);
}

handler symbol(void *found)
{
    handler h;
    *(void **)&h = found;
    return h;
}

int looked_for(int what, const int *v, size_t n)
{
    const int *p = bsearch(&what, v, n, sizeof *v, by_number);
    return p ? *p : -1;
}

compare as_one_of_its_kind(int longs)
{
    return longs ? by_long : (compare)by_number;
}

/* old style, with a declaration that says it all */
int old_style(int, const char *);

int old_style(n, s)
    int n;
    const char *s;
{
    return n + *s;
}

int called_old_style(void)
{
    return old_style(1, "a");
}

int ints_only();

int ints_without_a_prototype(int n)
{
    return ints_only(n, n + 1);
}

int ints_only(a, b)
    int a, b;
{
    return a + b;
}

void undeclared(int n)
{
    int k = declared_below(n);
    take_int(k);
}

int declared_below(int n)
{
    return n;
}
