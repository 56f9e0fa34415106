#include "lib.h"

unsigned small_shifts(unsigned n, int by)
{
    return n << 5 | n >> 3 | 1 << (by & 31);
}

int bytes_of_a_long(unsigned long n)
{
    int b0 = n & 0xFF, b1 = (n >> 8) & 0xFF, b2 = (n >> 16) & 0xFF, b3 = (n >> 24) & 0xFF;
    return b0 + b1 + b2 + b3;
}

unsigned char top_byte(unsigned long n)
{
    return n >> 24;
}

int sign_of_an_int(long n)
{
    return (int)n >> 31;
}

uint32_t rotated(uint32_t n)
{
    return n << 5 | n >> 27;
}

unsigned rotated_by(unsigned n, int by)
{
    return n << by | n >> (32 - by);
}

uint64_t rotated_64(uint64_t n)
{
    return n << 13 | n >> 51;
}

unsigned short rotated_16(unsigned short n)
{
    return n << 1 | n >> 15;
}

/* in the width that the type has, whatever that is */
unsigned long rotated_as_wide_as_it_is(unsigned long n, int by)
{
    return n << by | n >> (8 * sizeof n - by);
}

/* cut to 32 bits before and after */
unsigned long rotated_by_hand(unsigned long n)
{
    n &= 0xFFFFFFFF;
    n = n << 5 | n >> 27; /*! wraps_at_32_bits */
    return n & 0xFFFFFFFF;
}

unsigned long rotated_in_an_expression(unsigned long n)
{
    return ((n & 0xFFFFFFFF) << 7 | (n & 0xFFFFFFFF) >> 25) & 0xFFFFFFFF;
}

uint32_t rotated_and_kept_in_32(unsigned long n)
{
    uint32_t low = n << 9 | (n & 0xFFFFFFFF) >> 23;
    return low;
}

unsigned long swapped_halves_of_16(unsigned long n)
{
    return (n & 0xFF) << 8 | (n >> 8 & 0xFF);
}

long top_bit(void)
{
    return 1L << (8 * sizeof(long) - 2);
}

unsigned long long far(void)
{
    return 1ULL << 40;
}

int in_a_bit_set(const uint32_t *words, unsigned n)
{
    return (words[n >> 5] & (1u << (n & 31))) != 0;
}

int in_a_long_bit_set(const unsigned long *words, unsigned n)
{
    return words[n / (8 * sizeof(long))] >> n % (8 * sizeof(long)) & 1;
}

unsigned long little_endian(const unsigned char *p)
{
    return p[0] | (unsigned long)p[1] << 8 | (unsigned long)p[2] << 16;
}

uint32_t little_endian_32(const unsigned char *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t swapped(uint32_t n)
{
    return n >> 24 | (n >> 8 & 0xFF00) | (n << 8 & 0xFF0000) | n << 24;
}

int count_of_bits(unsigned long n)
{
    int bits = 0;
    for (; n; n >>= 1)
        bits += n & 1;
    return bits;
}

int halves(long n)
{
    return (short)(n >> 16) + (short)n;
}

unsigned long rotated_long(unsigned long n)
{
    return n << 5 | n >> 27; /*~ wraps_at_32_bits */
}
