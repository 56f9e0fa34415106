#include <stddef.h>
#include <stdint.h>

typedef long ssize_t;
extern size_t strlen(const char *);
extern ssize_t read(int fd, void *buf, size_t n);
extern int printf(const char *, ...);

struct small {
    int a, b;
    char text[40];
};

enum { COUNT = 12 };

/* the value is known and fits */
int constants(char buf[100])
{
    int n = sizeof(struct small);
    int m = strlen("hello");
    int k = sizeof(struct small) / sizeof(int) * COUNT;
    unsigned u = 0xFFFFFFFFUL;
    int r = read(0, buf, sizeof(struct small));
    return n + m + k + u + r;
}

/* bounded by mask, remainder, shift, comparison */
unsigned bounded(unsigned long x, unsigned char *bytes, size_t n)
{
    unsigned a = x & 0xFF;
    unsigned b = x % 1024;
    unsigned c = x >> 40 & 7;
    int d = n > 4;
    int e = bytes[0] + 1UL * bytes[1];
    int f = (x & 1) ? 10L : -10L;
    return a + b + c + d + e + f;
}

/* narrow under the old target already, or wide enough under both */
short old_loss(long x, int64_t wide)
{
    short s = x;
    int i = wide;
    unsigned char c = x;
    return s + i + c;
}

long fits(size_t n, char *p, char *q)
{
    long a = n;
    ptrdiff_t d = q - p;
    a += n;
    a += d;
    return a;
}

/* in unsigned arithmetic the low bits are what they always were */
unsigned low_bits(unsigned u, long step)
{
    u += sizeof(struct small);
    u -= 1L;
    u &= step;
    u /= 3UL;
    return u;
}

/* written as a cast: somebody decided */
int cast(const char *s)
{
    return (int)strlen(s);
}

/* conditions that hold where the value is used */
extern void abort(void);
int guarded(size_t n, long offset, struct small *s)
{
    char name[32];
    int last = strlen(name) + strlen(s->text);
    if (n > 4096)
        return -1;
    int a = n;
    if (offset >= 0 && offset < 1000)
        a += offset;
    int b = n < sizeof(name) ? n : sizeof(name) - 1;
    if (!(offset < 1 << 20) || offset < 0)
        abort();
    int c = offset;
    return a + b + c + last;
}

/* the bound of a loop, the values that a variable is ever set to */
int counted(const char *s, int wide)
{
    long step = wide ? 8 : 16;
    int sum = step;
    long i;
    for (i = 0; i < 100; i++)
        sum += i;
    size_t k = 0;
    while (k < 10 && s[k])
        k++;
    sum += k;
    return sum + (int)i;
}
