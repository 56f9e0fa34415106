#include <limits.h>
#include <stdint.h>

#define ERANGE 34

extern int errno;
long strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
int atoi(const char *text);

/* the range of the type that it goes to */
int read_lot(int *lot, const char *text)
{
    long n;
    errno = 0;
    n = strtol(text, 0, 10);
    if (errno == ERANGE || n < INT_MIN || n > INT_MAX)
        return -1;
    *lot = (int)n;
    return 0;
}

/* stays as wide as it is */
long offset(const char *text)
{
    long n = strtol(text, 0, 10);
    if (errno == ERANGE || n == LONG_MAX || n < 0)
        return -1;
    return n;
}

unsigned long mask(const char *text)
{
    unsigned long n = strtoul(text, 0, 16);
    return errno != 0 || n == ULONG_MAX ? 0 : n;
}

/* nobody checks, or only bits are meant */
int plain(const char *text)
{
    long n = strtol(text, 0, 10);
    unsigned char low = (unsigned char)n;
    return atoi(text) + low + (n == 10);
}
