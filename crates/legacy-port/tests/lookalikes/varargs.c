#include "lib.h"

extern void *concat(const char *, ...);

int numbers(int a, unsigned b, char c, short d)
{
    return printf("%d %u %c %hd\n", a, b, c, d);
}

void ended_by_a_pointer(const char *file)
{
    execl(file, "name", (char *)0);
    execl(file, "name", NULL);
    concat("a", "b", (char *)NULL);
}

int no_list(const char *file, int fd)
{
    open(file, 0);
    open(file, 0x40, 0);
    return fcntl(fd, 2, 0) + ioctl(fd, 0x5413, 0);
}

/* the 0 is a number, the format says so */
int a_format(const char *name)
{
    return printf("%s: %d\n", name, 0) + fprintf(0, "%s %d", name, 0);
}

static void logged(int level, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    if (level)
        vprintf(format, ap);
    va_end(ap);
}

void by_an_own_function(const char *name, long n, size_t m)
{
    logged(1, "%s %ld %zu", name, n, m);
    logged(0, "%s %d", name, 0);
}

/* takes an int after a name */
static int option(const char *name, ...)
{
    int value;
    va_list ap;
    va_start(ap, name);
    value = va_arg(ap, int);
    va_end(ap);
    return name ? value : 0;
}

static int set(void *object, ...)
{
    va_list ap;
    const char *key;
    int value;
    va_start(ap, object);
    key = va_arg(ap, const char *);
    value = va_arg(ap, int);
    va_end(ap);
    return key ? value : 0;
}

int a_number_behind_a_name(void *object)
{
    return option("depth", 0) + set(object, "width", 0); /*! variadic_sentinel variadic_sentinel */
}

static int sum(int first, ...)
{
    int n, total = first;
    va_list ap;
    va_start(ap, first);
    while ((n = va_arg(ap, int)) != 0)
        total += n;
    va_end(ap);
    return total;
}

int a_list_of_numbers(void)
{
    return sum(1, 2, 3, 0);
}

static long longs(int n, ...)
{
    long total = 0;
    va_list ap;
    va_start(ap, n);
    while (n-- > 0)
        total += va_arg(ap, long);
    va_end(ap);
    return total;
}

long numbers_as_wide_as_they_are_read(long a)
{
    return longs(3, a, 1L, (long)sizeof(int));
}

void a_bare_zero(const char *file)
{
    execl(file, "name", 0); /*~ variadic_sentinel */
}
