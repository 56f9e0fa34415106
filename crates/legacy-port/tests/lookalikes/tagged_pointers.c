#include "lib.h"

typedef void *value;

int is_tagged(const void *p)
{
    return (int)p & 1;
}

int tag_of(const void *p)
{
    int tag = (uintptr_t)p & 7;
    return tag;
}

void *tagged(void *p)
{
    return (void *)((uintptr_t)p | 1);
}

void *untagged(void *p)
{
    return (void *)((uintptr_t)p & ~(uintptr_t)7);
}

void *untagged_by_a_long(void *p)
{
    return (void *)((long)p & ~7);
}

int is_aligned(const void *p)
{
    return ((size_t)p % sizeof(int)) == 0;
}

int is_aligned_to_4(const void *p)
{
    return (int)p % 4 == 0;
}

int is_odd(const void *p)
{
    return ((int)p & (sizeof(int) - 1)) != 0 || !((unsigned)p & 1);
}

int low_byte(const void *p)
{
    return (unsigned char)(unsigned long)p;
}

int low_bits(const void *p)
{
    return (unsigned)p & 0xFFFFFF; /*! pointer_truncation */
}

int low_bits_shifted(const void *p)
{
    return ((unsigned)p >> 4) & 0xF; /*! pointer_truncation */
}

int low_bits_in_an_argument(const void *p)
{
    take_int((int)p & 0xFF);
    return (short)(int)p;
}

/* numbers and pointers in one word, as interpreters have them */
value of_number(long n)
{
    return (value)(n << 1 | 1);
}

long to_number(value v)
{
    return (long)v >> 1;
}

int is_number(value v)
{
    return (long)v & 1;
}

int small_number(value v)
{
    return (int)((intptr_t)v >> 1 & 0xFFFF);
}

int is_none(const void *p)
{
    return p == (void *)-1 || p == (void *)1;
}

int same_page(const void *p, const void *q)
{
    return ((uintptr_t)p ^ (uintptr_t)q) < 4096;
}

int bytes_to_the_next_page(const void *p)
{
    return 4096 - ((unsigned long)p & 4095);
}

int bytes_to_the_next_word(const char *p)
{
    return -(int)p & 3; /*! pointer_truncation */
}

int untagged_too_much(void *p)
{
    return (int)p & ~3; /*~ pointer_truncation */
}
