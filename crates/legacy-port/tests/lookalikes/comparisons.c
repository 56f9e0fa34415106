#include "lib.h"
#include <limits.h>

extern unsigned count(void);

int error_of_a_signed_result(void *buf, int fd)
{
    int n = (int)read(fd, buf, 16);
    return n == (size_t)-1 || n == -1L;
}

int error_of_a_short(short s)
{
    return s == -1L;
}

int no_time(struct tm *tm)
{
    time_t t = mktime(tm);
    return t == (time_t)-1;
}

/* never true on the old target, which is none the worse for it */
int beyond_32_bits(unsigned long x, long y)
{
    return x > 0xFFFFFFFFUL || y > INT_MAX || y < INT_MIN;
}

int a_byte_is_never_negative(unsigned u)
{
    long n = u & 0xFF;
    return n < 0;
}

int made_signed_first(unsigned u)
{
    long n = (int)u;
    return n < 0;
}

int difference_of_wide_numbers(unsigned a, unsigned b)
{
    long d = (long)a - (long)b;
    return d < 0;
}

long minus_one_by_choice(int ok, unsigned u)
{
    long n = ok ? (long)u : -1;
    return n < 0 ? 0 : n;
}

long minus_one_until_known(int ok)
{
    long n = -1;
    if (ok)
        n = count();
    return n < 0 ? 0 : n;
}

long counted_down(unsigned u, const char *text)
{
    long i;
    for (i = u; i >= 0; i--)
        if (text[i] == ' ')
            break;
    return i;
}

long stepped_down(unsigned u)
{
    long n = u;
    n -= 5;
    return n < 0 ? 0 : n;
}

long set_by_others(unsigned u)
{
    long n = u;
    take_pointer(&n);
    return n < 0 ? 0 : n;
}

int the_type_says_it(uint32_t a, unsigned b)
{
    return a == (uint32_t)-1 || b == UINT_MAX || b == -1 || a != 0xFFFFFFFF;
}

void *guarded_product(unsigned n)
{
    if (n > SIZE_MAX / sizeof(void *))
        return 0;
    return malloc(n * sizeof(void *));
}

int unsigned_is_never_negative(size_t n, unsigned u)
{
    return n < 0 || u < 0UL;
}

int limits_of_the_word(unsigned long u, long n, size_t size)
{
    return u == ULONG_MAX || n == LONG_MIN || size == SIZE_MAX || n >= LONG_MAX - 1;
}
