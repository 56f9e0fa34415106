#include "lib.h"

#define FAIL (-1L)
#define require(condition) \
    do { \
        if (!(condition)) \
            __builtin_abort(); \
    } while (0)

struct part {
    int number;
    long weight;
    char name[24];
};

int length_of_a_literal(void)
{
    return strlen("closing price");
}

int size_of_a_record(void)
{
    return sizeof(struct part);
}

int masked(unsigned long flags)
{
    return flags & 0x7F;
}

int remainder_of(long n)
{
    return n % 100;
}

int top_byte(unsigned long n)
{
    return n >> (8 * sizeof n - 8);
}

int a_truth(long a, long b)
{
    return a == b;
}

int two_truths(long a, size_t b)
{
    return (a > 3 && b < 9) || !a;
}

int failed(void)
{
    return FAIL;
}

int of_bytes(const unsigned char *p)
{
    return 6 + p[2] * 256;
}

int member_of(const struct part *p)
{
    return 1 + p->number;
}

int narrowed_by_hand(long n)
{
    return (short)n;
}

int whatever_comes_first(const char *a, const char *b)
{
    return strcmp(a, b);
}

int length_in_an_array(const struct part *p)
{
    return strlen(p->name);
}

int length_in_a_local_array(int n)
{
    char text[16];
    sprintf(text, "%d", n);
    return strlen(text);
}

int bounded_length(const char *s)
{
    return strnlen(s, 64);
}

int how_much_was_read(int fd)
{
    char buffer[512];
    return read(fd, buffer, sizeof buffer);
}

int clamped(size_t n)
{
    return n < 10 ? n : 10;
}

int clamped_both_ways(long n)
{
    return n < -128 ? -128 : n > 127 ? 127 : n;
}

int refused_before(size_t n)
{
    if (n > 1000)
        return -1;
    return n;
}

int refused_on_both_sides(long n)
{
    if (n < 0 || n > 255)
        return 0;
    return n;
}

int accepted_only_within(long n)
{
    if (n >= 0 && n < 4096)
        return n;
    return 0;
}

int required(unsigned long n)
{
    require(n <= 65535);
    return n;
}

int by_case(long n)
{
    switch (n) {
    case 1:
    case 2:
        return n;
    default:
        return 0;
    }
}

int of_a_local_that_is_known(void)
{
    long n = 12;
    n += 30;
    return n;
}

int of_a_masked_local(unsigned long n)
{
    unsigned long low = n & 0xFFFF;
    return low;
}

int of_a_widened_argument(int n)
{
    long wide = n;
    return wide;
}

int of_a_constant_table(int n)
{
    static const long days[] = {31, 28, 31, 30};
    return days[n & 3];
}

int of_an_enumerator(void)
{
    enum { LIMIT = 100 };
    const size_t limit = LIMIT;
    return limit;
}

void *nothing(void)
{
    return 0;
}

int compared(const char *a, const char *b)
{
    return a == b || (a && !b);
}

int character_difference(const char *a, const char *b)
{
    return *a - *b;
}

/* low bits of narrow operands, in whatever type they were computed */
int low_bits(int a, int b)
{
    return a + b + 1L;
}

int anything_long(long n)
{
    return n;
}

int half_of_it(long n)
{
    return n / 2;
}
