#include "lib.h"

unsigned long aligned(unsigned long n)
{
    return (n + 7) & ~7UL;
}

void *aligned_pointer(void *p)
{
    return (void *)(((uintptr_t)p + 15) & ~(uintptr_t)15);
}

long without_low_bits(long n)
{
    return n & ~3;
}

long by_a_negative_number(long n)
{
    return n & -4;
}

size_t by_a_size(size_t n)
{
    return n & -sizeof(int);
}

unsigned of_32_bits(unsigned n)
{
    return n & 0xFFFFFFFC;
}

unsigned long cut_to_32_bits(unsigned long n)
{
    return n & 0xFFFFFFFF;
}

int upper_half(unsigned long n)
{
    return (n & 0xFFFF0000) >> 16;
}

int upper_byte(unsigned long n)
{
    return (n & 0xFF000000) >> 24;
}

/* what is kept are 32 bits */
uint32_t kept_in_32_bits(unsigned long n)
{
    uint32_t low = n & 0xFFFFFF00; /*! mask_constant */
    return low;
}

unsigned by_hand(unsigned long n)
{
    return (unsigned)(n & 0xFFFFFFF0); /*! mask_constant */
}

int one_bit(unsigned long flags)
{
    return (flags & 0x80000000) != 0; /*! mask_constant */
}

int two_bits(unsigned long flags)
{
    if (flags & 0xC0000000) /*! mask_constant */
        return 1;
    return 0;
}

int all_of_32_bits(unsigned n)
{
    return n == 0xFFFFFFFF;
}

int all_of_the_low_32(unsigned long n)
{
    return (n & 0xFFFFFFFF) == 0xFFFFFFFF; /*! mask_constant */
}

int all_of_a_narrowed_one(unsigned long n)
{
    return (unsigned)n == 0xFFFFFFFF;
}

int none(unsigned long n)
{
    return n == ~0UL || n == (unsigned long)-1;
}

int none_of_size(size_t n)
{
    return n == (size_t)-1;
}

unsigned long middle(unsigned long n)
{
    return n & 0x00FFFF00;
}

/* it was read from 32 bits, and there is nothing above them */
unsigned long of_a_narrow_local(uint32_t n)
{
    unsigned long wide = n;
    return wide & 0xFFFFF000; /*! mask_constant */
}

int end_of_32_bits(const uint32_t *p)
{
    unsigned long next = *p;
    return next == 0xFFFFFFFF; /*! mask_constant */
}

unsigned long cleared_before(unsigned long n)
{
    return (n & 0xFFFF) | (n & 0xFFFFFFFF & 0xFFFF0000); /*! mask_constant */
}

unsigned long page_of(unsigned long n)
{
    return n & 0xFFFFF000; /*~ mask_constant */
}

int mark(unsigned long n)
{
    return n == 0xFFFFFFFF; /*~ mask_constant */
}
