#include "lib.h"

struct rgba {
    unsigned char r, g, b, a;
};
struct three {
    int a, b, c;
};
struct node {
    struct node *next;
    int value;
};

extern void *zone_alloc(size_t size, int tag, void *user);

int entries(void)
{
    static const int table[] = {1, 2, 3};
    int n = sizeof table / sizeof table[0];
    return n;
}

int entries_of_pointers(void)
{
    static const char *const names[] = {"a", "b"};
    return sizeof names / sizeof names[0];
}

/* 4 bytes for what has 4 bytes on both */
int *ints(int n)
{
    return (int *)malloc(n * 4);
}

int *ints_by_shift(int n)
{
    int *v = malloc(n << 2);
    return v;
}

int *ints_cleared(int n)
{
    return calloc(n, 4);
}

struct rgba *pixels(int n)
{
    return (struct rgba *)malloc(n * 4);
}

struct three *triples(void)
{
    return malloc(12);
}

char *bytes(int n)
{
    char *s = malloc(4);
    return n ? s : (char *)malloc(n * 4 + 4);
}

/* 4 is a count here */
char **four_pointers(void)
{
    return (char **)malloc(4 * sizeof(char *));
}

char **four_cleared_pointers(void)
{
    return (char **)calloc(4, sizeof(char *)); /*! hardcoded_size */
}

struct node *eight_nodes(void)
{
    return calloc(8, sizeof(struct node)); /*! hardcoded_size */
}

char **some_and_four_more(char **v, int n)
{
    return realloc(v, (n + 4) * sizeof *v);
}

/* 4 is a tag here */
char **tagged(int n)
{
    return (char **)zone_alloc(n * sizeof(char *), 4, 0); /*! hardcoded_size */
}

struct node *tagged_node(void)
{
    return zone_alloc(sizeof(struct node), 8, 0); /*! hardcoded_size */
}

size_t of_elements(int n)
{
    return n * sizeof(struct node);
}

int of_elements_in_an_int(int n)
{
    return n * sizeof(struct node);
}

char *buffer_of_a_size(void)
{
    static char buffer[sizeof(long) * 2];
    return buffer;
}

/* steps that agree with what is stepped over */
int *next_int(int *p)
{
    return (int *)((char *)p + 4);
}

struct node *next_node(struct node *p)
{
    return (struct node *)((char *)p + sizeof *p);
}

const char *field(const char *record, int n)
{
    return record + n * 8;
}

int is_empty(size_t n)
{
    return n == 0 || n < sizeof(int);
}

int bits(void)
{
    return 8 * sizeof(short);
}

int padded(int n)
{
    return (n + sizeof(int) - 1) / sizeof(int) * sizeof(int);
}

char **pointers(int n)
{
    return (char **)malloc(n * 4); /*~ hardcoded_size */
}
