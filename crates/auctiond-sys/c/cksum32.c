/*
 * The checksums of the original for a 32-bit machine: on standard input a count of bytes and the bytes, again and again;
 * on standard output both sums of each.
 */
#include <stdio.h>
#include <stdlib.h>

#include "auction.h"

int
main(void)
{
    int n;
    char *buf;

    while (fread(&n, sizeof(n), 1, stdin) == 1) {
        buf = malloc(n + 1);
        if (buf == NULL || fread(buf, 1, n, stdin) != (size_t)n)
            return 1;
        printf("%lu %lu\n", cksum_words(buf, n), cksum_adler(buf, n));
        free(buf);
    }
    return 0;
}
