#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define FAILED (-1L)
#define IS_ERROR(x) ((x) == (size_t)-1) /*~ comparison_decided */

uint32_t inet_addr(const char *text);
uint32_t ntohl(uint32_t net);

struct header { /*~ record_layout */
    uint32_t length;
    const char *name;
};

/* 0xFFFFFFFF met -1 in 4 bytes */
int is_address(const char *text)
{
    unsigned long address = inet_addr(text);
    if (address == -1) /*~ comparison_decided */
        return 0;
    return inet_addr(text) != FAILED; /*~ comparison_decided */
}

/* a length from the network: below zero for what is too long */
long length_of(struct header *h)
{
    long n = ntohl(h->length);
    if (n < 0) /*~ comparison_decided */
        return 0;
    return n;
}

int unset(struct header *h, unsigned handle)
{
    return IS_ERROR(h->length) || handle == ULONG_MAX || ~0UL != handle; /*~ comparison_decided comparison_decided */
}

/* a sum that runs over in 4 bytes, and a limit of 8 */
unsigned add(unsigned a, unsigned b)
{
    if (a > ULONG_MAX - 16) /*~ comparison_decided(look) */
        return UINT_MAX;
    return a + b;
}
