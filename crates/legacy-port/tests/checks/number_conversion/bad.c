#include <limits.h>
#include <stdint.h>

#define ERANGE 34

extern int errno;
long strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
long atol(const char *text);

struct lot {
    int number;
    unsigned reserve;
};

/* what is out of range was refused */
int read_lot(struct lot *lot, const char *text)
{
    char *end;
    long n;
    errno = 0;
    n = strtol(text, &end, 10);
    if (errno == ERANGE || end == text) /*~ number_conversion */
        return -1;
    lot->number = (int)n; /*~ explicit_narrowing */
    return 0;
}

int read_reserve(struct lot *lot, const char *text)
{
    unsigned long n = strtoul(text, 0, 10);
    if (n == ULONG_MAX) /*~ number_conversion */
        return -1;
    lot->reserve = (uint32_t)n; /*~ explicit_narrowing */
    return 0;
}

int32_t direct(const char *text)
{
    int32_t n = (int32_t)strtol(text, 0, 0); /*~ explicit_narrowing */
    if (errno) /*~ number_conversion */
        n = 0;
    return n;
}

/* the limit of 32 bits */
int is_limit(const char *text)
{
    long n = atol(text);
    return n == 0x7FFFFFFF || strtol(text, 0, 10) == INT_MIN; /*~ number_conversion number_conversion */
}

/* FFFFFFFF was -1 */
long handle(const char *text)
{
    long h = strtoul(text, 0, 16);
    if (h < 0) /*~ number_conversion */
        return 0;
    return h;
}
