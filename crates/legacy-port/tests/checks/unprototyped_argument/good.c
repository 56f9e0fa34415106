#include <stddef.h>

long prototyped(long t, long n);
int narrow();

long use(long t, char *s)
{
    narrow(3, t, s, 2.0);
    return prototyped(t, -6);
}

long prototyped(long t, long n)
{
    return t + n;
}

int narrow(i, l, s, d)
    int i;
    long l;
    char *s;
    double d;
{
    return i + (l != 0) + *s + (d > 1);
}
