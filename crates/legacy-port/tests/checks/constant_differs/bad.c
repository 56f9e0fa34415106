#include <limits.h>

#define _IOR(type, nr, size) (2U << 30 | sizeof(size) << 16 | (type) << 8 | (nr))
#define GET_OFFSET _IOR('k', 1, long)
#define SCALE (1.0 / (LONG_MAX + 1.0))
#define PAGE 4096

long random(void);

enum limit {
    LIMIT_NONE = LONG_MAX, /*~ constant_differs(look) */
    LIMIT_ONE = 1,
    LIMIT_SLOTS = PAGE / sizeof(struct page *) /*~ constant_differs(look) implicit_narrowing(look) */
};

/* what was a page of them: half as many */
struct page { /*~ record_layout */
    unsigned kind;
    struct page *next[PAGE / sizeof(struct page *) - 1]; /*~ constant_differs(look) */
};
static long table[PAGE / sizeof(long)]; /*~ constant_differs(look) */

/* a number from 0 to 1, as it was */
double chance(void)
{
    return random() / (double)LONG_MAX; /*~ constant_differs */
}

double share(int of, long all)
{
    double d = of / (LONG_MAX + 1.0); /*~ constant_differs */
    d += (double)all / ULONG_MAX; /*~ constant_differs(look) */
    return d + random() % LONG_MAX; /*~ constant_differs */
}

/* the number of a request that has a size in it */
int request(unsigned long number)
{
    switch (number) {
    case GET_OFFSET: /*~ constant_differs(look) */
        return table[0] != 0;
    case LIMIT_NONE: /*~ constant_differs(look) */
        return 2;
    }
    return 0;
}
