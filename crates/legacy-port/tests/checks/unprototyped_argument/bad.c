#include <stddef.h>

long addmonths();
void *block();

long half_a_year(long t)
{
    block(512); /*~ unprototyped_argument */
    return addmonths(t, -6); /*~ unprototyped_argument */
}

long addmonths(t, n)
    long t;
    long n;
{
    return t + n * 30;
}

void *block(size_t n)
{
    return n ? block : 0;
}

/* the other way round: the upper half of the pointer is never passed */
int shown();
int show(char *text)
{
    return shown(1, text); /*~ unprototyped_argument */
}

int shown(kind, text)
    int kind;
    int text;
{
    return kind + text;
}
