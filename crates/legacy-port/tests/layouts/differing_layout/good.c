struct sale {
    int lot;
    int price;
    char buyer[20];
} last_sale;

/* The type of `rate` is aligned by hand. */
typedef double aligned __attribute__((aligned(8)));
struct quote {
    int item;
    aligned rate;
} quote;

typedef unsigned int money;
money sum;
