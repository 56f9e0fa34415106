#include <stdarg.h>
#include <stddef.h>

extern int vfprintf(void *file, const char *format, va_list ap);
extern int vsnprintf(char *to, size_t n, const char *format, va_list ap);
extern char *grow(char *p, size_t n);

void twice(void *a, void *b, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vfprintf(a, format, ap);
    if (b)
        vfprintf(b, format, ap); /*~ va_list_copy */
    va_end(ap);
}

/* the list of somebody else */
int measure(char *to, const char *format, va_list ap)
{
    int n = vsnprintf(0, 0, format, ap);
    vsnprintf(to, n + 1, format, ap); /*~ va_list_copy */
    return n;
}

/* until it fits */
char *format_all(const char *format, va_list ap)
{
    size_t size = 100;
    char *p = 0;
    int n;
    do {
        p = grow(p, size *= 2);
        n = vsnprintf(p, size, format, ap); /*~ va_list_copy */
    } while (n < 0);
    return p;
}

/* the condition is done before what it decides on */
extern int print_list(const char *format, va_list list);
int twice(const char *format, ...)
{
    va_list list;
    int n = 0;
    va_start(list, format);
    if (print_list(format, list) > 0)
        n = print_list(format, list); /*~ va_list_copy */
    va_end(list);
    return n;
}
