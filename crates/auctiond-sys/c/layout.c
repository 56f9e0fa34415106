/*
 * What the C compiler takes layouts for, told in numbers alone: the tests ask by position, up to an empty name.
 */
#include <stddef.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include "auctiond_lock.h"

#define TYPE(t) { #t, 0, sizeof(t), _Alignof(t) }
#define RECORD(r) { #r, 0, sizeof(struct r), _Alignof(struct r) }
#define MEMBER(r, m) { #r "." #m, offsetof(struct r, m), sizeof(((struct r *)0)->m), 0 }

static const struct {
    const char *name;
    size_t offset, size, align;
} figures[] = {
    TYPE(time_t), TYPE(off_t), TYPE(size_t), TYPE(ssize_t), TYPE(int), TYPE(long), TYPE(double), TYPE(char *),

    RECORD(feedhdr), MEMBER(feedhdr, magic), MEMBER(feedhdr, count), MEMBER(feedhdr, recsize),
    MEMBER(feedhdr, when), MEMBER(feedhdr, sum),

    RECORD(filehdr), MEMBER(filehdr, magic), MEMBER(filehdr, version), MEMBER(filehdr, nrec),
    MEMBER(filehdr, recsize), MEMBER(filehdr, created), MEMBER(filehdr, updated), MEMBER(filehdr, turnover),
    MEMBER(filehdr, sum),

    RECORD(idxhdr), MEMBER(idxhdr, magic), MEMBER(idxhdr, nslots), MEMBER(idxhdr, nused), MEMBER(idxhdr, spare),

    RECORD(idxslot), MEMBER(idxslot, hash), MEMBER(idxslot, off),

    RECORD(jrec), MEMBER(jrec, magic), MEMBER(jrec, when), MEMBER(jrec, seq), MEMBER(jrec, len), MEMBER(jrec, sum),

    RECORD(sale), MEMBER(sale, id), MEMBER(sale, price), MEMBER(sale, closed), MEMBER(sale, next),
    MEMBER(sale, item), MEMBER(sale, title), MEMBER(sale, seller),
};

#define COUNT (sizeof(figures) / sizeof(figures[0]))

/* a byte of the name of a figure, 0 behind its end */
char
layout_name(size_t i, size_t at)
{
    return i < COUNT && at < strlen(figures[i].name) ? figures[i].name[at] : 0;
}

size_t
layout_offset(size_t i)
{
    return i < COUNT ? figures[i].offset : 0;
}

size_t
layout_size(size_t i)
{
    return i < COUNT ? figures[i].size : 0;
}

size_t
layout_align(size_t i)
{
    return i < COUNT ? figures[i].align : 0;
}

/* a byte of a sale with this in its bit-fields, and nothing else: C has no offset for them */
unsigned char
layout_bits(unsigned category, unsigned state, unsigned nbids, unsigned flags, size_t at)
{
    struct sale s;
    unsigned char bytes[sizeof(s)];

    memset(&s, 0, sizeof(s));
    s.category = category;
    s.state = state;
    s.nbids = nbids;
    s.flags = flags;
    memcpy(bytes, &s, sizeof(s));
    return at < sizeof(bytes) ? bytes[at] : 0;
}
