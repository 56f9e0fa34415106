#include <stddef.h>

#define QUAD long

short history[100];

long pair(void)
{
    return *(QUAD *)(history + 2); /*~ element_size_pun */
}

void set_pair(long value)
{
    *(QUAD *)(history + 50) = value; /*~ element_size_pun */
    ((unsigned long *)history)[1] = 0; /*~ element_size_pun */
}

int half(long *wide, void **table)
{
    int *low = (int *)wide; /*~ element_size_pun */
    return *low + *(int *)&table[1]; /*~ element_size_pun */
}

char **names(int *offsets)
{
    return (char **)offsets; /*~ element_size_pun */
}

/* nobody wrote a cast: it writes past `n` */
extern void get_time(long *when);
int late(void)
{
    int n;
    get_time(&n); /*~ element_size_pun */
    return n;
}

/* the bits of a float */
float rough_root(float number)
{
    float y = number;
    long i = *(long *)&y; /*~ element_size_pun */
    i = 0x5f3759df - (i >> 1);
    return *(float *)&i; /*~ element_size_pun */
}
