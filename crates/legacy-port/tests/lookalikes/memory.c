#include "lib.h"

struct name {
    char text[16];
    uint32_t key;
};
struct node {
    struct node *next;
    int value;
};
struct pair {
    int a, b;
};

int is_riff(const char *buffer)
{
    return memcmp(buffer, "RIFF", 4) == 0;
}

void bytes(char *to, const char *from)
{
    memcpy(to + 4, from + 4, 4);
    memset(to, ' ', 8);
    memmove(to, to + 4, 12);
}

void cleared(struct node *n, struct pair *p, int *v, int count)
{
    memset(n, 0, sizeof *n);
    memset(p, 0, 8);
    memset(v, 0, count * 4);
    memset(v, 0, 4 * sizeof(int));
}

void cleared_pointers(char **v, int n)
{
    memset(v, 0, n * sizeof *v);
    memset(v, 0, 4 * sizeof(char *));
    memset(v, 0, sizeof(char *) << 2); /*! hardcoded_size */
}

void key(struct name *n, const uint32_t *from)
{
    memcpy(&n->key, from, 4);
    memcpy(n->text, "abc", 4);
}

int read_a_word(int fd)
{
    char head[4];
    uint32_t n = 0;
    return read(fd, head, 4) == 4 && read(fd, &n, 4) == 4;
}

void written(FILE *f, int n, short s, struct pair *p)
{
    fwrite(&n, 4, 1, f);
    fwrite(&s, 2, 1, f);
    fwrite(p, 8, 1, f);
    fwrite(p, sizeof *p, 1, f);
}

float as_float(int n)
{
    float f;
    memcpy(&f, &n, 4);
    return f;
}

void moved_up(char **v, int n)
{
    memmove(v, v + 1, (n - 1) * sizeof *v);
}

void rows(int table[4][4], int from[4])
{
    memcpy(table[0], from, 16);
    memcpy(table, from, sizeof table[0]);
}

/* one node after another in memory of the program's own */
struct node *copied(const struct node *n)
{
    struct node *c = malloc(sizeof *c);
    memcpy(c, n, sizeof *c);
    return c;
}

struct node *from_an_arena(char *arena, size_t n)
{
    struct node *nodes = (struct node *)arena;
    return nodes + n;
}

struct node swapped(struct node *a, struct node *b)
{
    struct node t = *a;
    *a = *b;
    *b = t;
    return t;
}

/* what leaves the process is text or has one width */
void told(FILE *f, const struct name *n, const struct node *node)
{
    fwrite(n, sizeof *n, 1, f);
    fwrite(n->text, 1, strlen(n->text), f);
    fprintf(f, "%d\n", node->value);
    fwrite(&node->value, sizeof node->value, 1, f);
}

int compared(const struct node *a, const struct node *b)
{
    return memcmp(a, b, sizeof *a);
}

size_t four_names(char to[4][8], char from[4][8])
{
    memcpy(to, from, 32);
    memcpy(to[1], from[1], 8);
    return sizeof(char[4][8]);
}

void one_more(struct node **v, struct node *n)
{
    memcpy(v, &n, sizeof n);
    memcpy(&v[1], &v[0], 2 * sizeof *v);
}

void half_cleared(char **v)
{
    memset(v, 0, 4); /*~ hardcoded_size */
}
