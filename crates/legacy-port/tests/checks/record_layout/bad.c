#include <stddef.h>

typedef long time_t;

struct record { /*~ record_layout */
    char tag[4];
    long id;
    time_t when;
};

/* only the alignment of double differs */
struct price { /*~ record_layout */
    int item;
    double yen;
};

union value { /*~ record_layout union_pun(look) */
    void *p;
    int i;
};

typedef struct { /*~ record_layout */
    int used;
    struct price list[4];
} prices;

/* the same size, but members elsewhere */
struct shifted { /*~ record_layout */
    char a;
    union value v;
    char pad[8 - sizeof(void *)];
    int end[2 - sizeof(void *) / 8];
};

struct flags { /*~ record_layout */
    unsigned long ready : 1;
    unsigned long level : 20;
    unsigned long rest : 20;
};
