#include "lib.h"

#define COUNT 16

int over_an_array(const int table[COUNT])
{
    static int own[COUNT];
    int i, sum = 0;
    for (i = 0; i < sizeof own / sizeof own[0]; i++)
        sum += own[i] + table[i];
    return sum;
}

void by_a_long(void)
{
    long i;
    for (i = 0; i < 100; i++)
        take_int(i);
}

void by_a_size(int table[256])
{
    size_t i;
    for (i = 0; i < 256; i++)
        table[i] = i;
}

void downwards(void)
{
    long i;
    for (i = COUNT - 1; i >= 0; i--)
        take_int(i);
}

void as_many_as_an_int_says(int *v, int n)
{
    long i;
    for (i = 0; i < n; i++)
        v[i] = i;
}

void bytes(unsigned char *v)
{
    size_t i;
    for (i = 0; i < 256; i++)
        v[i] = i;
}

int weighted(const int *v)
{
    int sum = 0;
    size_t i;
    for (i = 0; i < 8; i++)
        sum += v[i] * i;
    return sum;
}

int until_the_end(const char *s)
{
    int n = 0;
    while (*s++)
        n++;
    return n;
}

int copied(int in, int out)
{
    char buffer[1024];
    int n;
    while ((n = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, n) != n)
            return -1;
    return n;
}

int found(const int *v, size_t n, int what)
{
    size_t i;
    for (i = 0; i < n && i < 1000; i++)
        if (v[i] == what)
            return i;
    return -1;
}

int length(const char *s)
{
    const char *p = s;
    int n = 0;
    for (; *p; p++, n++)
        ;
    return n;
}

void from_a_literal(void)
{
    int i;
    for (i = strlen("abc"); i > 0; i--)
        take_int(i);
}

void limited(size_t n)
{
    size_t i;
    if (n > 64)
        n = 64;
    for (i = 0; i < n; i++)
        take_int(i);
}

void digits(long n)
{
    do
        take_char('0' + n % 10);
    while ((n /= 10) != 0);
}

int broken_out_of(void)
{
    size_t i = 0;
    for (;;) {
        if (++i == 10)
            break;
    }
    return i;
}

int by_pointers(const int *begin, const int *end)
{
    int sum = 0;
    for (; begin < end; begin++)
        sum += *begin;
    return sum;
}
