#include "lib.h"

struct entry {
    const void *key;
    struct entry *next;
};
static struct entry *buckets[64];
static struct entry *many[101];

/* any number will do that is the same for the same pointer */
struct entry **bucket(const void *key)
{
    return &buckets[((uintptr_t)key >> 4) % 64];
}

struct entry **bucket_by_remainder(const void *key)
{
    return &buckets[(unsigned)key % 64];
}

struct entry **bucket_by_mask(const void *key)
{
    return &buckets[(int)key & 63];
}

struct entry **bucket_by_shift_and_mask(const void *key)
{
    return &buckets[((unsigned)key >> 4) & 63]; /*! pointer_truncation */
}

struct entry **bucket_by_shift_and_remainder(const void *key)
{
    return &buckets[((unsigned long)key >> 3) % 64];
}

struct entry **bucket_by_a_prime(const void *key)
{
    return &many[(unsigned)key % 101];
}

struct entry **bucket_by_a_product(const void *key)
{
    unsigned h = (unsigned)(uintptr_t)key * 2654435761u >> 26; /*! pointer_truncation */
    return &buckets[h];
}

unsigned mixed(const void *a, const void *b)
{
    unsigned h = (unsigned)a; /*! pointer_truncation */
    h ^= (unsigned)b >> 3; /*! pointer_truncation */
    return h & 63;
}

struct entry *looked_up(const void *key)
{
    int i = ((int)key >> 2) & 63; /*! pointer_truncation */
    struct entry *e;
    for (e = buckets[i]; e; e = e->next)
        if (e->key == key)
            return e;
    return 0;
}

unsigned hash_of_a_key(const void *key)
{
    unsigned h = (uintptr_t)key >> 4 & 0xFFFFFF;
    return h % 101;
}

size_t as_wide_as_it_is(const void *key)
{
    return ((size_t)key >> 5) * 31;
}
