#include <stdint.h>

#include <sets.h>

/* the width follows the word */
void watch(fd_set *set, int fd)
{
    set->fds_bits[fd / NFDBITS] |= 1L << (fd % NFDBITS);
    set->fds_bits[fd / (8 * sizeof(long))] |= 1L << (fd % (8 * sizeof(long)));
    set->fds_bits[0] = 0;
}

/* words of 32 bits on both */
static uint32_t used[8];
static unsigned char bytes[32];

int take(int block)
{
    used[block >> 5] |= 1U << (block & 31);
    used[block / 32] |= 1U << (block % 32);
    bytes[block >> 3] |= 1 << (block & 7);
    return used[block / 32] != 0;
}

/* tables that are no sets of bits: numbers, 32 of them to an entry, and other amounts */
long of_group(const long *sums, int n, int m)
{
    return sums[n / 32] + sums[n >> 5] * 2 + sums[n >> 4] * (n & 15) + sums[n / 32] * (m % 32);
}

/* a row and a column */
long cell(const long (*rows)[32], int n)
{
    return rows[n / 32][n % 32];
}
