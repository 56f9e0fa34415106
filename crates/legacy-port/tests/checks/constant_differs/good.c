#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define RAND_MAX 2147483647

int rand(void);
long random(void);

enum size {
    SIZE_OF_LINK = sizeof(void *),
    SIZE_OF_PAIR,
    SIZE_BOTH = 2 * sizeof(int),
    ALL = UINT_MAX,
    NONE = -1
};

/* sizes that are meant as sizes; room that grows; padding that keeps a size */
struct node { /*~ record_layout */
    struct node *next;
    char text[sizeof(long) * 3];
    char fill[64 - sizeof(struct node *) - sizeof(long) * 3];
};

double chance(void)
{
    return rand() / (RAND_MAX + 1.0) + random() / 2147483647.0;
}

/* guards and limits of the type itself */
long limits(long n, size_t count, unsigned long u)
{
    if (n == LONG_MAX || n > LONG_MAX - 10 || count > SIZE_MAX / 16 || u == ~0UL)
        return LONG_MIN;
    return n;
}

int width(size_t size)
{
    switch (size) {
    case sizeof(char):
        return 1;
    case sizeof(int):
        return 2;
    case UINT_MAX:
        return 3;
    }
    return 0;
}
