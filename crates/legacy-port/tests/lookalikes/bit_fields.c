#include "lib.h"

struct header {
    unsigned long version : 4;
    unsigned long length : 12;
    unsigned long address : 20;
    unsigned flags : 3;
    signed kind : 5;
};

struct wide {
    unsigned long long low : 32;
    unsigned long long tag : 8;
};

/* no more than the bits that are said */
int read_into_an_int(const struct header *h)
{
    int version = h->version;
    return version + h->length;
}

int returned(const struct header *h)
{
    return h->address;
}

void passed(const struct header *h)
{
    take_int(h->length);
    take_short(h->version);
}

int computed_with(const struct header *h)
{
    int pages = h->address << 4;
    return pages + h->length * 2;
}

/* what is kept are the low bits on both */
void set(struct header *h, unsigned long n)
{
    h->version = n;
    h->length = n;
}

void set_in_an_int(struct header *h, long n)
{
    h->flags = n;
}

void set_masked(struct header *h, unsigned long n)
{
    h->flags = n & 7;
    h->kind = n % 10;
}

int compared(const struct header *h)
{
    return h->version == 3 && h->length < 20 && !h->flags;
}

void counted(struct header *h)
{
    h->version++;
    h->length += 4;
    h->flags |= 2;
}

unsigned of_a_wide_one(const struct wide *w)
{
    unsigned low = w->low;
    return low + w->tag;
}

unsigned truth(const struct header *h)
{
    return h->flags ? h->version : h->length;
}
