/* 32 bytes in any order. */
struct item { /*~ differing_layout(look) */
    char *name;
    struct item *next;
    char *owner;
    short count;
    char kind;
    char state;
} *items;

/* Its order is not the compiler's business, and it does not grow. */
struct record {
    char kind;
    int lot;
    char state;
    int price;
} record;
