#include "lib.h"

int all_bits(void)
{
    int n = 0xFFFFFFFF;
    unsigned u = 0xFFFFFFFF;
    return n + u;
}

long largest(void)
{
    return 0x7FFFFFFF;
}

int sign_bit(unsigned n)
{
    return n == 0x80000000 || (n & 0x80000000);
}

int of_an_int(int n)
{
    return n == 0x80000000 || n == 0xFFFFFFFF;
}

uint64_t beyond_32_bits(void)
{
    return 0x100000000ULL;
}

int colour(void)
{
    int c = 0xFF0000;
    c |= 0x8000;
    return c;
}

int by_case(unsigned n)
{
    switch (n) {
    case 0xFFFFFFFF:
        return 1;
    case 0x80000000:
        return 2;
    }
    return 0;
}

char byte(void)
{
    char c = 0xFF;
    return c;
}

unsigned short half(void)
{
    unsigned short s = 0xFFFF;
    return s;
}

uint32_t crc_step(uint32_t crc)
{
    return crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
}

/* starts with 32 bits, only goes down, and ends with 32 bits */
unsigned long crc_of(const unsigned char *p, size_t n, const uint32_t table[256])
{
    unsigned long crc = 0xFFFFFFFFUL;
    while (n--)
        crc = table[(crc ^ *p++) & 0xFF] ^ crc >> 8;
    return crc ^ 0xFFFFFFFFUL;
}

uint32_t hash(uint32_t n)
{
    return n * 2654435761U ^ 0x9E3779B9;
}

int failed(time_t t)
{
    return t == (time_t)-1 || t == -1;
}

size_t no_place(void)
{
    return (size_t)-1;
}

int negative(long n)
{
    return n == -1 || n == -2147483647L - 1;
}

unsigned magic(const uint32_t *p)
{
    return p[0] == 0xCAFEBABE;
}

int magic_read_into_a_long(const uint32_t *p)
{
    unsigned long n = p[0];
    return n == 0xCAFEBABE;
}

int small_numbers_written_long(void)
{
    int n = 10L;
    short s = 20UL;
    return n + s;
}

int characters(void)
{
    int c = 'ab';
    return c == 'x';
}

unsigned inverted(void)
{
    unsigned u = ~0UL; /*! implicit_narrowing */
    int n = ~0L;
    return u + n;
}
