struct item { /*~ differing_layout(look) padding_by_order */
    char kind;
    char *name;
    char state;
    struct item *next;
    short count;
} *items;
