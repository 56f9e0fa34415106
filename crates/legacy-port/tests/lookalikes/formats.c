#include "lib.h"

enum colour { RED, GREEN };
extern void say(const char *, ...) __attribute__((format(printf, 1, 2)));

int widths_that_follow(long l, unsigned long u, size_t n, ptrdiff_t d, long long ll, void *p)
{
    return printf("%ld %lu %zu %td %lld %p\n", l, u, n, d, ll, p) + printf("%lx %li %lo", u, l, u);
}

int ints(int n, unsigned u, short s, unsigned char c, enum colour e)
{
    return printf("%d %u %x %hd %hhu %d %i %o %c\n", n, u, u, s, c, e, n, u, c);
}

int by_hand(long l, size_t n, void *p)
{
    return printf("%d %u %lx\n", (int)l, (unsigned)n, (unsigned long)p);
}

int size_as_a_long(size_t n, ptrdiff_t d, time_t t)
{
    return printf("%lu %ld %ld\n", n, d, t);
}

int texts(const char *s, const char *fmt)
{
    return printf("%s %5.5s %-8s %%d %%ld\n", s, s, s) + printf(fmt, s);
}

int stars(int width, const char *s, long n)
{
    return printf("%*d %.*s %-*ld|\n", width, 5, width, s, width, n);
}

int reals(float f, double d, long double l)
{
    return printf("%f %g %5.2f %Lf %d\n", f, d, d, l, 1);
}

int fixed_widths(int32_t a, uint32_t b, int64_t c, intmax_t d)
{
    return printf("%d %u %" __INT64_FMTd__ " %jd\n", a, b, c, d);
}

int truths(const char *p, const char *q, long n)
{
    return printf("%d %d %d\n", p != q, n > 3, !p);
}

int results(const char *a, const char *b)
{
    return printf("%d %c %d\n", strcmp(a, b), a[0], a[0] - b[0]);
}

int flags(long n, unsigned long u)
{
    return printf("%+ld % ld %08lx %#lx %-10ld|%10ld", n, n, u, u, n, n);
}

int positions(int n, const char *s, long l)
{
    return printf("%2$s %1$d %3$ld\n", n, s, l);
}

int one_of_two(int verbose, int n)
{
    return printf(verbose ? "number %d\n" : "%d\n", n);
}

int joined(long n)
{
    return printf("a" "%l" "d\n", n);
}

int wrapped(long n, size_t m)
{
    say("%ld %zu", n, m);
    return 0;
}

int read_in(const char *s)
{
    int n;
    long l;
    unsigned u;
    short h;
    size_t z;
    double d;
    float f;
    char word[20], c;
    return sscanf(s, "%d %ld %x %hd %zu %lf %f %19s %c", &n, &l, &u, &h, &z, &d, &f, word, &c);
}

int skipped(const char *s, int *n)
{
    return sscanf(s, "%*d %*s %d %n", n, n) + scanf("%i", n);
}

int pointers_in_text(const char *s, void **p)
{
    return sscanf(s, "%p", p) + printf("%p", *p);
}

int bit_field(void)
{
    struct {
        unsigned long a : 4;
        unsigned b : 3;
    } s = {1, 2};
    return printf("%u\n", s.b);
}

int wrong(long n, size_t m)
{
    return printf("%d %u\n", n, m); /*~ format_width format_width */
}
