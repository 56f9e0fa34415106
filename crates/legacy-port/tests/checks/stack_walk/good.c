#include <stdarg.h>
#include <stddef.h>

struct point { int x, y, z; };

extern int fill(int *n);
extern int sum(int *list, int n);

/* the object itself */
int own(int n, char c, struct point p)
{
    int *one = &n;
    int *words = &p.x;
    *one += fill(&n) + sum(&n, 1);
    return *one + words[1] + (&n)[0] + *&c;
}

int listed(int n, ...)
{
    va_list ap;
    int all = 0;
    va_start(ap, n);
    while (n--)
        all += va_arg(ap, int);
    va_end(ap);
    return all;
}

int locals(int n)
{
    int list[4], *p = &list[0];
    while (n--)
        *p++ = n;
    return list[0];
}
