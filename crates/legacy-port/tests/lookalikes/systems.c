#include "lib.h"
#include <limits.h>

#define FIONREAD 0x541B
#define WEXITSTATUS(status) (((status) & 0xFF00) >> 8)

typedef struct descriptors descriptors;
extern int select(int, descriptors *, descriptors *, descriptors *, struct timeval *);
extern int getsockopt(int, int, int, void *, unsigned *), wait(int *);
extern long syscall(long, ...), random(void);
extern int number_of(const char *);

int waiting(int fd)
{
    int n = 0;
    ioctl(fd, FIONREAD, &n);
    return n;
}

int error_of(int fd)
{
    int error = 0;
    unsigned size = sizeof error;
    return getsockopt(fd, 1, 4, &error, &size) == 0 ? error : -1;
}

int ready(int fd, descriptors *in, struct timeval *how_long)
{
    return select(fd + 1, in, 0, 0, how_long);
}

/* two words of 4 bytes are one of 8, and three bits are in the first */
int ready_of_few(int fd)
{
    int in[2] = {7, 0};
    return select(fd + 1, (descriptors *)in, 0, 0, 0);
}

long by_a_number_of_its_own(const char *name)
{
    return syscall(number_of(name));
}

int child(void)
{
    int status;
    return wait(&status) < 0 ? -1 : WEXITSTATUS(status);
}

double chance(void)
{
    return (double)random() / 2147483647;
}

long shuffled(long n)
{
    return random() % n;
}

long bits(long x, unsigned char c)
{
    return ((x >> 8) << 8) + ((long)c << 16 >> 16);
}

int sign(long x)
{
    return x >> 31 ? -1 : 1;
}

unsigned long flags(unsigned long old)
{
    return old | 1UL << 31 | 1U << 31;
}

int in_range(const char *text, int *to)
{
    long n = strtol(text, 0, 10);
    if (n < INT_MIN || n > INT_MAX)
        return 0;
    *to = (int)n;
    return 1;
}

long as_wide_as_it_is(const char *text)
{
    long n = strtol(text, 0, 0);
    return n == LONG_MAX || n < 0 ? -1 : n;
}
