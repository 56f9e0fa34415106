#include <stdarg.h>
#include <stdint.h>

/* told apart by a number or a format */
static int by_kind(int kind, ...)
{
    va_list ap;
    int n;
    va_start(ap, kind);
    n = kind ? va_arg(ap, int) : *va_arg(ap, int *);
    va_end(ap);
    return n;
}

/* numbers only */
static int sum(int n, ...)
{
    va_list ap;
    int all = 0;
    va_start(ap, n);
    while (n--)
        all += va_arg(ap, int);
    va_end(ap);
    return all;
}

/* wide enough for both */
static intptr_t enter(int n, ...)
{
    va_list ap;
    intptr_t first;
    va_start(ap, n);
    first = va_arg(ap, intptr_t);
    va_end(ap);
    return first;
}

int use(int *p, int n)
{
    return by_kind(0, p) + by_kind(1, n) + sum(2, n, 3) + (enter(1, p) != 0) + (enter(1, (intptr_t)n) != 0);
}
