#include <stdarg.h>

extern int vprintf(const char *, va_list);

void report(int level, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (level)
        vprintf(fmt, ap);
    va_end(ap);
}
