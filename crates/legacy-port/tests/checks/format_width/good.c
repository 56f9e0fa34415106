#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern int printf(const char *, ...);
extern size_t strlen(const char *);
extern void set(const char *name, ...); /* no format at all */

#if __SIZEOF_LONG__ == 8
#define PRId64 "ld"
#else
#define PRId64 "lld"
#endif

void print(char *s, int n, long l, int64_t wide, short h, double d, char c)
{
    printf("%d %u %x %c %hd %s %f\n", n, n, n, c, h, s, d);
    printf("%ld %lu %p %zu %td\n", l, (unsigned long)l, (void *)s, strlen(s), s - s);
    printf("%" PRId64 " %lld %jd\n", wide, (long long)l, (intmax_t)l);
    printf("%*d%%\n", n, (int)l); /*~ explicit_narrowing */
    printf(s, l, strlen(s));
    set("%d", l);
}

/* wrong on both alike */
void wrong(long long wide, int n)
{
    printf("%d %lld\n", wide, n);
}
