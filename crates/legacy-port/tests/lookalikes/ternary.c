#include "lib.h"

int constants(int c)
{
    int n = c ? 10L : -10L;
    return n;
}

int sizes(int c)
{
    return c ? sizeof(int) : sizeof(short);
}

int upper_limit(size_t n)
{
    return n > 255 ? 255 : n;
}

int lower_limit_too(long n)
{
    int r = n < 0 ? 0 : n > 100 ? 100 : n;
    return r;
}

int one_side_masked(int c, unsigned long n)
{
    return c ? n & 15 : 'a';
}

int by_hand(int c, long n)
{
    return c ? (int)n : 0;
}

int what_is_there(const int *p)
{
    return p ? *p : 0;
}

const char *text(const char *s)
{
    return s ? s : "";
}

long narrow_into_wide(int c, int a, int b)
{
    return c ? a : b;
}

int short_form(long n)
{
    return n % 8 ?: 8; /*! implicit_narrowing */
}

int nested(size_t n)
{
    return n == 0 ? 0L : n == 1 ? 1L : 2L;
}

const void *no_pointer(int c, const void *p)
{
    return c ? p : 0;
}

int truth_of_a_pointer(const void *p)
{
    return p ? 1L : 0L;
}

/* both sides are as wide as an int was computed */
int narrow_sides(int c, int a, unsigned char b)
{
    return c ? (long)a : (long)b;
}

int smaller(int a, size_t b)
{
    return b < 16 ? b : a;
}

int wide(int c, long n)
{
    return c ? n : 0;
}
