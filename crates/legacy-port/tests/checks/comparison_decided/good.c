#include <limits.h>
#include <stddef.h>
#include <stdint.h>

uint32_t inet_addr(const char *text);
size_t mbstowcs(int *to, const char *from, size_t n);
void *malloc(size_t n);

/* in the type that the value has */
int is_address(const char *text)
{
    uint32_t address = inet_addr(text);
    return address != (uint32_t)-1 && address != 0xFFFFFFFF && address != UINT_MAX;
}

/* the sign is extended: -1 is -1 */
int wide(int *to, const char *from)
{
    int n = mbstowcs(to, from, 16); /*~ implicit_narrowing(look) */
    return n == (size_t)-1 || n == -1L;
}

/* a product of 8 bytes has room on the new target */
void *table(unsigned n)
{
    if (n > SIZE_MAX / sizeof(long))
        return 0;
    return malloc(n * sizeof(long));
}

/* decided on both, and open on both */
int others(unsigned u, unsigned short s, long l, size_t z)
{
    return s == -1L || u >= 0UL || l == LONG_MAX || z == (size_t)-1 || l < 0 || s > 70000L;
}

/* what is wide can be as wide as it likes */
int both(long a, unsigned long b)
{
    return a == -1 || b == ULONG_MAX || b > LONG_MAX;
}
