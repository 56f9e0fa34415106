#include "lib.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

struct table {
    int entries[40];
    char name[32];
};

void sizes(struct table *t)
{
    take_int(sizeof *t);
    take_int(COUNT_OF(t->entries));
    take_int(sizeof t->name - 1);
}

void lengths_of_literals(void)
{
    take_int(strlen("abc"));
    take_short(strlen("abc") + 2);
}

void masks_and_remainders(unsigned long n, long m)
{
    take_int(n & 0xFF);
    take_unsigned(n % 10);
    take_short(m % 7);
    take_char(n ? 'y' : 'n');
    take_unsigned(~0UL & 0xFF);
}

void by_hand(long n)
{
    take_int((int)n);
    take_char((char)(n & 0x7F));
}

void minimum(size_t n)
{
    take_int(MIN(n, 64));
}

void minimum_of_two(size_t n, int m)
{
    take_int(MIN((long)m, 64L));
    take_int(MIN(64, n));
}

void read_and_written(int fd, FILE *f)
{
    char buffer[256];
    take_int(read(fd, buffer, sizeof buffer));
    take_int(write(fd, buffer, 16));
    take_int(fread(buffer, 1, sizeof buffer, f));
}

void number_of_records(FILE *f)
{
    struct table tables[8];
    take_int(fread(tables[0].entries, sizeof(int), 40, f));
}

/* `p` points into an array of 16: no distance in it is greater */
void place_in_an_array(int i)
{
    char buffer[16];
    char *p = buffer + i;
    take_int(p - buffer);
}

void place_in_a_member(struct table *t, const char *p)
{
    take_int(p - t->name);
}

void place_of_an_entry(struct table *t, const int *p)
{
    take_int(p - t->entries);
}

void narrow_into_wide(int n, unsigned u, short s)
{
    take_long(n);
    take_long(s);
    take_size(u);
    take_size((size_t)s & 0xFFFF);
}

void null_pointers(void)
{
    take_pointer(0);
    take_pointer(NULL);
    take_pointer((char *)0);
}

void arrays_and_functions(void)
{
    static int numbers[4];
    take_pointer(numbers);
    take_pointer(&numbers[2]);
    take_pointer("text");
}

void checked_before(long n)
{
    if (n < 0 || n > 100)
        return;
    take_int(n);
}

void checked_in_a_loop(size_t n)
{
    while (n > 50)
        n -= 50;
    take_int(n);
}

void the_same_width(long a, size_t b, ptrdiff_t c)
{
    take_long(a);
    take_long(c);
    take_size(b);
}

void a_pointer_in_a_long(void *p)
{
    take_long((long)p);
}

void sums_of_bytes(const unsigned char *p)
{
    take_int(p[0] + 256UL * p[1]);
    take_int(p[0] | (unsigned long)p[1] << 8);
}

void wide(long n, const char *s, const char *p, const char *q)
{
    take_int(n);
    take_int(strlen(s));
    take_int(p - q);
}
