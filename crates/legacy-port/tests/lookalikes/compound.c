#include "lib.h"

struct item {
    int count;
    char text[12];
};

int sizes(int n)
{
    n += sizeof(struct item);
    n -= strlen("ab");
    n *= sizeof(int);
    return n;
}

int constants(int n)
{
    n += 1L;
    n -= 2UL;
    n *= 3L;
    return n;
}

/* the result is no greater than what it was */
int cut_down(int n, long by)
{
    n &= by;
    n %= 10L;
    n /= 4L;
    return n;
}

int remainder_by_a_long(int n, long by)
{
    if (by > 0)
        n %= by;
    return n;
}

/* the count of a shift has no say in the type */
int shifts(int n, long by)
{
    n <<= by & 7;
    n >>= 2L;
    return n;
}

int bits_from_a_mask(int n, unsigned long flags)
{
    n |= flags & 1;
    n ^= flags & 0xFF00;
    return n;
}

unsigned of_a_narrow_one(unsigned n, unsigned m)
{
    n ^= (unsigned long)m;
    n |= (unsigned long)m << 3;
    n += (unsigned long)m * 5;
    return n;
}

unsigned hash_of_a_text(const unsigned char *s)
{
    unsigned h = 5381;
    while (*s)
        h = h * 33UL + *s++;
    return h;
}

unsigned hash_with_shifts(const unsigned char *s)
{
    unsigned h = 0;
    for (; *s; s++)
        h = (h << 5) + h + *s;
    return h;
}

int aligned(int n)
{
    n = (n + 3UL) & ~3UL;
    return n;
}

unsigned aligned_by_size(unsigned n)
{
    n = (n + sizeof(int) - 1) & ~(sizeof(int) - 1);
    return n;
}

unsigned counted_down(unsigned n)
{
    n -= sizeof(struct item);
    n /= 2UL;
    return n;
}

int by_hand(int n, const char *s)
{
    n += (int)strlen(s);
    return n;
}

int products_of_narrow_ones(int n, int m)
{
    n += m * sizeof(int);
    n += (long)m * 3;
    return n;
}

int truths(int n, long a, long b)
{
    n += a == b;
    n += a != 0;
    n |= !b;
    return n;
}

int length_in_an_array(int n, struct item *item)
{
    n += strlen(item->text);
    return n;
}

int place_in_an_array(int n, struct item *item, const char *p)
{
    n += p - item->text;
    return n;
}

char *steps(char *p, int n, size_t m)
{
    p += n;
    p += m;
    p -= sizeof(struct item);
    return p;
}

double reals(double d, long n)
{
    d += n;
    d *= sizeof(int);
    return d;
}

size_t wide_on_both(size_t total, const char *s, int n)
{
    total += strlen(s);
    total += n & 7;
    return total;
}

unsigned char bytes(unsigned char c, unsigned long n)
{
    c += n & 7;
    c = n >> 8 & 0xFF;
    c ^= n; /* as narrow on both */
    return c;
}

int wide(int n, long more, const char *s)
{
    n += more;
    n -= strlen(s);
    return n;
}
