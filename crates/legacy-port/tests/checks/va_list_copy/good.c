#include <stdarg.h>
#include <stddef.h>

extern int vfprintf(void *file, const char *format, va_list ap);
extern int vsnprintf(char *to, size_t n, const char *format, va_list ap);
extern char *grow(char *p, size_t n);

void anew(void *a, void *b, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vfprintf(a, format, ap);
    va_end(ap);
    va_start(ap, format);
    vfprintf(b, format, ap);
    va_end(ap);
}

void copied(void *a, void *b, const char *format, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    vfprintf(a, format, ap);
    vfprintf(b, format, again);
    va_end(again);
}

/* one or the other */
void either(void *a, void *b, const char *format, va_list ap)
{
    if (a)
        vfprintf(a, format, ap);
    else
        vfprintf(b, format, ap);
}

int leaves(void *a, void *b, const char *format, va_list ap)
{
    if (a) {
        vfprintf(a, format, ap);
        return 1;
    }
    return vfprintf(b, format, ap);
}

char *until_it_fits(const char *format, ...)
{
    size_t size = 100;
    char *p = 0;
    for (;;) {
        va_list ap;
        va_start(ap, format);
        int n = vsnprintf(p = grow(p, size *= 2), size, format, ap);
        va_end(ap);
        if (n >= 0)
            return p;
    }
}
