struct sale { /*~ differing_layout padding_by_order */
    int lot;
    long price;
    char buyer[20];
} last_sale;

/* A pointer in it: its bytes mean nothing outside of the process. */
struct node { /*~ differing_layout(look) */
    struct node *next;
    int lot;
} *first;

/* No type has another width; `rate` is at offset 4 on i386, where nothing is aligned to more. */
struct quote { /*~ differing_layout padding_by_order */
    int item;
    double rate;
    char pad[4];
} quote;

typedef unsigned long money; /*~ differing_layout(look) */
money sum;

/* Members lie where they did; only where the record itself may lie is another thing. */
struct rate { /*~ differing_layout(look) */
    double of;
} rate;
