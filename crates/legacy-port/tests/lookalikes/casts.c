#include "lib.h"

struct point {
    int x, y;
};
enum colour { RED, GREEN, BLUE };

int is_set(const void *p)
{
    return (int)(p != 0);
}

int is_set_too(const void *p)
{
    return (_Bool)p;
}

char is_null(const void *p)
{
    return (char)!p;
}

/* `long` holds a pointer on both */
long keeps_all(void *p)
{
    long l = (long)p;
    unsigned long u = (unsigned long)p;
    return l + (long)u;
}

void *there_and_back(void *p)
{
    uintptr_t bits = (uintptr_t)p;
    return (void *)bits;
}

int same_object(const char *p, const char *q)
{
    return (int)(p == q) + (int)(p < q);
}

int what_it_points_to(const int *p)
{
    return (int)*p + (int)p[2];
}

unsigned char first_byte(const void *p)
{
    return (unsigned char)((const unsigned char *)p)[0];
}

/* never evaluated: it has the size of an `int` on both */
size_t only_its_size(const void *p)
{
    return sizeof((int)p); /*! pointer_truncation */
}

/* the value is thrown away */
void thrown_away(const char *p)
{
    (void)(int)p; /*! pointer_truncation */
    (void)(unsigned)p; /*! pointer_truncation */
}

int page_offset(const char *p)
{
    return (int)((uintptr_t)p & 0xFFF);
}

unsigned short low_half(const char *p)
{
    return (unsigned short)(uintptr_t)p;
}

unsigned char low_byte(const char *p)
{
    return (unsigned char)(int)p;
}

int old_offsetof(void)
{
    return (int)&((struct point *)0)->y;
}

int old_offsetof_by_char(void)
{
    return (int)((char *)&((struct point *)0)->y - (char *)0);
}

/* written distances between neighbours */
int distance(const struct point *p, const struct point *q)
{
    return (int)(p - q);
}

/* numbers that were made pointers, never addresses */
void *marks(int which)
{
    return which == 0 ? (void *)-1 : which == 1 ? (void *)1 : (void *)0;
}

void *colour_as_user_data(enum colour c)
{
    return (void *)c;
}

int widened_and_back(int n)
{
    return (int)(long)n + (int)(size_t)n;
}

/* the argument is a number at every call, the cast takes it out again */
static int slot_of(void *user)
{
    return (int)(intptr_t)user; /*! pointer_truncation */
}

int number_carried_by_a_pointer(int slot)
{
    return slot_of((void *)(intptr_t)slot) + slot_of((void *)3);
}

/* put in and taken out in one function */
int number_put_into_a_pointer(int n)
{
    void *user = (void *)(intptr_t)n;
    return (int)user; /*! pointer_truncation */
}

int number_from_a_constant(void)
{
    const char *mark = (const char *)7;
    return (int)mark; /*! pointer_truncation */
}

const char *a_pointer_made_of_a_small_number(unsigned char c)
{
    return (const char *)(unsigned long)c;
}

long long into_more_than_enough(const void *p)
{
    return (long long)(uintptr_t)p;
}

double count_as_a_real(const int *p, const int *q)
{
    return (double)(q - p);
}

/* and what is none of these */
int wrong(const char *p, int *q)
{
    int kept = (int)p; /*~ pointer_truncation */
    if ((int)q) /*~ pointer_truncation */
        return 1;
    return kept;
}
