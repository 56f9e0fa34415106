#include <sets.h>

/* descriptors: the library and the kernel have 64 in a word */
void watch(fd_set *set, int fd)
{
    set->fds_bits[fd / 32] |= 1 << (fd % 32); /*~ bit_set_words */
    set->fds_bits[fd >> 5] &= ~(1L << (fd & 0x1f)); /*~ bit_set_words */
}

int is_ready(fd_mask *words, unsigned fd)
{
    return (*(words + (fd >> 5)) >> (fd & 31)) & 1; /*~ bit_set_words */
}

/* the program's own: right as long as nobody else reads it, and nobody counts its bytes */
static unsigned long used[8];

#define BIT(set, n) (((set)[(n) / 32] & (1UL << ((n) % 32))) != 0) /*~ bit_set_words(look) */

int take(long *map, int block)
{
    if (BIT(used, block))
        return 0;
    used[block >> 5] |= 1L << (block & 31); /*~ bit_set_words(look) */
    map[(unsigned)block / 32] |= 1L << ((unsigned)block % 32); /*~ bit_set_words(look) */
    return 1;
}
