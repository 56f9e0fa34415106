#include "lib.h"

union number {
    int i;
    float f;
    unsigned char bytes[4];
};
union word {
    void *p;
    long l;
    size_t n;
    char *s;
};
union real {
    double d;
    uint64_t bits;
    uint32_t halves[2];
};
union pair {
    short s[2];
    int i;
};

int bits_of_a_float(float f)
{
    union number n;
    n.f = f;
    return n.i;
}

int byte_of(union number *n)
{
    return n->bytes[3];
}

long pointer_as_a_long(void *p)
{
    union word w;
    w.p = p;
    return w.l;
}

uint64_t bits_of_a_double(double d)
{
    union real r;
    r.d = d;
    return r.bits + r.halves[1];
}

int halves(int n)
{
    union pair p;
    p.i = n;
    return p.s[0] + p.s[1];
}

/* the same by casts */
unsigned cast_float(float f)
{
    return *(unsigned *)&f;
}

uint64_t cast_double(double *d)
{
    return *(uint64_t *)d;
}

long cast_pointer(void *p)
{
    return *(long *)&p;
}

size_t cast_long(long *n)
{
    return *(size_t *)n;
}

uint32_t word_in_bytes(const char *buffer)
{
    return *(const uint32_t *)buffer;
}

short half(int n)
{
    return *(short *)&n;
}

int low_half(long long n)
{
    return *(int *)&n;
}

int is_little_endian(void)
{
    int one = 1;
    long two = 1;
    return *(char *)&one && *(char *)&two;
}

int through_void(void *p)
{
    return *(int *)p + *(short *)p;
}

long long_through_void(void *p)
{
    return *(long *)p;
}

void *link_in_free_memory(void *block)
{
    return *(void **)block;
}

unsigned sum_of_bytes(const long *n)
{
    const unsigned char *p = (const unsigned char *)n;
    unsigned i, sum = 0;
    for (i = 0; i < sizeof *n; i++)
        sum += p[i];
    return sum;
}

int *from_a_wider_buffer(double *room)
{
    return (int *)room;
}

const char *first_text(char **v)
{
    void *const *p = (void *const *)v;
    return *p;
}

unsigned low_word(const long *n)
{
    return *(const unsigned *)n; /*~ element_size_pun */
}
