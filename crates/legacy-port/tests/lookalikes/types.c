#include "lib.h"

/* words of 32 bits that have 32 bits */
typedef unsigned int u32;
typedef int int4;
typedef uint32_t dword;
typedef unsigned short u16;
typedef long long i64;

/* at least so many, as the names say */
typedef unsigned long uint_least32;
typedef unsigned long uint_fast32;

/* a number of 32-bit things is no 32-bit thing */
typedef size_t utf32_length;
typedef long (*sum32)(const void *, size_t);
typedef struct {
    u32 words[8];
} sha32_block;

struct ints {
    u32 a;
    u16 b, c;
    dword d;
};
struct real {
    int n;
    float f;
    char text[8];
};

u32 used(const sha32_block *b, utf32_length n, sum32 f)
{
    return b->words[n & 7] + f(b, n);
}

uint_fast32 fast(uint_least32 n)
{
    return n + 1;
}

int records(const struct ints *i, const struct real *r, FILE *f)
{
    return fwrite(i, sizeof *i, 1, f) + fwrite(r, sizeof *r, 1, f);
}

int records_in_a_buffer(const char *buffer)
{
    const struct ints *i = (const struct ints *)buffer;
    struct real r;
    memcpy(&r, buffer + sizeof *i, sizeof r);
    return i->a + r.n;
}

int of_wide_ones(i64 n, int4 m)
{
    return (int)n + m;
}

/* assembler of no instructions, and of operands with one width */
void barrier(void *p, int n)
{
    __asm__ volatile("" : : : "memory");
    __asm__ volatile("nop");
    __asm__ volatile("" : : "r"(n));
    __asm__ volatile("" : : "r"(p) : "memory"); /*! inline_assembler */
}

typedef unsigned long word32; /*~ word_typedef */

word32 wrong(word32 n)
{
    return n;
}
