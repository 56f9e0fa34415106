#include <stddef.h>
#include <stdint.h>

typedef struct file FILE;
extern size_t fwrite(const void *p, size_t size, size_t n, FILE *f);
extern void *malloc(size_t n);
extern void *memcpy(void *to, const void *from, size_t n);

/* the same on both */
struct header {
    char magic[4];
    int32_t written;
};

/* differs, but stays at home */
struct node { /*~ record_layout */
    struct node *next;
    long value;
};

struct block { /*~ record_layout */
    size_t size;
    struct block *next;
};

void save(FILE *f, struct header *h, struct node *n, char *text)
{
    int32_t version = (int32_t)n->value; /*~ explicit_narrowing */
    fwrite(&version, sizeof version, 1, f);
    fwrite(h, sizeof *h, 1, f);
    fwrite(text, 1, 4, f);
}

struct node *copy(struct node *from)
{
    struct node *to = malloc(sizeof *to);
    memcpy(to, from, sizeof *to);
    return to;
}

/* handed to a function that keeps it */
extern int keep(const void *buf, int n);
int remember(struct node *n)
{
    return keep(n, sizeof *n);
}

/* memory of its own, and text behind a record */
struct node *place(unsigned char *arena, unsigned used, const char *name)
{
    struct node *n = (struct node *)(arena + used);
    struct node *next = (struct node *)&((unsigned char *)n)[16];
    memcpy((char *)&n[1], name, used);
    return next;
}

/* steps through memory that holds records */
struct block *next(struct block *b, void *user)
{
    struct block *head = (struct block *)((char *)user - sizeof(struct block));
    return head->next ? (struct block *)((char *)b + b->size) : head;
}

/* a function of the program's own by a name that the library has too */
struct tree { /*~ record_layout */
    struct tree *left, *right;
    int weight;
};
static void send(struct tree *t, struct tree *child)
{
    t->left = child;
}
void link(struct tree *t)
{
    send(t, t->right);
}

/* from the first member of a record back to the record */
union value { /*~ record_layout union_pun(look) */
    long number;
    char *text;
    int truth;
};
struct option { /*~ record_layout */
    union value value;
    short flags;
};
struct option options[4];
#define flags_of(o) (((struct option *)&(o))->flags)
int is_set(struct option *o)
{
    return flags_of(options[1].value.number) | flags_of(o->value.number);
}
