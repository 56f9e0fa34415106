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

/* a length and a constant have their lower half only, wherever it is looked for */
extern unsigned long strlen(const char *s);
int starts();
int compare(const char *text)
{
    return starts(text, strlen(text)) + starts(text, 5L);
}

int starts(text, n)
    const char *text;
    int n;
{
    return text[0] == n;
}
