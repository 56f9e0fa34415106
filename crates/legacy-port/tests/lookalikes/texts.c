#include "lib.h"

struct sale {
    char title[40];
    long price;
};

void number(int n)
{
    char b[12];
    sprintf(b, "%d", n);
    take_pointer(b);
}

void number_in_a_long(int n)
{
    char b[12];
    sprintf(b, "%ld", (long)n);
    take_pointer(b);
}

void long_enough(long n)
{
    char b[21];
    sprintf(b, "%ld", n);
    take_pointer(b);
}

void cut_off(long n)
{
    char b[8];
    snprintf(b, sizeof b, "%ld", n);
    take_pointer(b);
}

void small_number(long n)
{
    char b[4];
    sprintf(b, "%ld", n % 100);
    take_pointer(b);
}

void masked(unsigned long n)
{
    char b[9];
    sprintf(b, "%lx", n & 0xFFFFFFFF);
    take_pointer(b);
}

void sized_by_the_type(unsigned long n)
{
    char b[2 * sizeof n + 1];
    sprintf(b, "%lx", n);
    take_pointer(b);
}

void one_character(long n)
{
    char b[2];
    sprintf(b, "%c", (char)('0' + n % 10));
    take_pointer(b);
}

void of_a_year(const struct tm *tm)
{
    char b[16];
    sprintf(b, "%04d", tm->tm_year + 1900);
    take_pointer(b);
}

/* no longer than the array that it is in */
int length_of_a_title(const struct sale *s)
{
    int n = strlen(s->title); /*! implicit_narrowing */
    return n;
}

int length_of_a_local(void)
{
    char b[32];
    int n;
    strcpy(b, "a title");
    n = strlen(b); /*! implicit_narrowing */
    return n;
}

int leading_spaces(const struct sale *s)
{
    int n = strspn(s->title, " "); /*! implicit_narrowing */
    return n;
}

int how_much_was_written(char *b, long n)
{
    return sprintf(b, "%ld", n);
}

int room_left(const char *p)
{
    char b[64];
    int left = sizeof b - (p - b); /*! implicit_narrowing */
    return left;
}

int is_longer(const char *a, const char *b)
{
    return strlen(a) > strlen(b);
}

int ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

int converted(const char *s)
{
    int n = (int)strtol(s, 0, 10);
    return n;
}

char last(const char *s)
{
    return s[strlen(s) - 1];
}

int any_length(const char *s)
{
    int n = strlen(s); /*~ implicit_narrowing */
    return n;
}
