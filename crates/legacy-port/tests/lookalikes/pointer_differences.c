#include "lib.h"

struct line {
    char text[80];
    int used;
    int number;
};

ptrdiff_t as_wide(const char *p, const char *q)
{
    ptrdiff_t d = p - q;
    return d;
}

long in_a_long(const char *p, const char *q)
{
    long d = p - q;
    size_t n = p - q;
    return d + (long)n;
}

int by_hand(const char *p, const char *q)
{
    return (int)(p - q);
}

int in_an_array(const char *what)
{
    char buffer[64];
    char *p;
    strncpy(buffer, what, sizeof buffer);
    p = strchr(buffer, ',');
    if (!p)
        return -1;
    return p - buffer; /*! implicit_narrowing */
}

static int numbers[100];

int in_a_global_array(const int *p)
{
    int n = p - numbers; /*! implicit_narrowing */
    return n;
}

int in_a_member(const struct line *l, const char *p)
{
    int column = p - l->text; /*! implicit_narrowing */
    return column;
}

int of_two_elements(void)
{
    int n = &numbers[50] - &numbers[20]; /*! implicit_narrowing */
    return n;
}

/* within one record, which has 88 bytes */
int of_two_members(struct line *l)
{
    int n = (char *)&l->number - (char *)&l->used; /*! implicit_narrowing */
    int m = (char *)&l->used - (char *)l; /*! implicit_narrowing */
    return n + m;
}

int compared(const char *p, const char *q)
{
    return p - q > 4 || p - q == 1;
}

int compared_with_a_size(const char *p, const char *q)
{
    char buffer[16];
    return (size_t)(p - q) < sizeof buffer;
}

int compared_with_an_int(const char *p, const char *q, int n)
{
    return p - q < n;
}

int cut(const char *p, const char *q)
{
    int a = (p - q) & 7;
    int b = (p - q) % 16;
    return a + b;
}

int checked(const char *p, const char *q)
{
    if (p - q > 100 || p < q)
        return 0;
    return p - q; /*! implicit_narrowing */
}

int checked_in_a_local(const char *p, const char *q)
{
    ptrdiff_t d = p - q;
    if (d < 0 || d > 100)
        return 0;
    return d; /*! implicit_narrowing */
}

char *as_an_index(char *buffer, const char *p)
{
    return &buffer[p - buffer];
}

void as_a_length(char *to, const char *p, const char *end)
{
    memcpy(to, p, end - p);
}

int of_characters(const char *p, const char *q)
{
    return *p - *q;
}

int of_ints_behind_pointers(const int *p, const int *q)
{
    return p[0] - q[0];
}

int a_few_behind(const char *begin, const char *end)
{
    return end + 10 - begin; /*~ implicit_narrowing */
}

int anything(const char *p, const char *q)
{
    int n = p - q; /*~ implicit_narrowing */
    return n;
}
