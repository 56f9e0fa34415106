#include <stddef.h>
#include <stdint.h>

/* other names, the same layout */
struct fixed {
    char tag[4];
    int32_t id;
    uint32_t when;
};

typedef double f64 __attribute__((aligned(4)));
struct price {
    int item;
    f64 yen;
};

struct aligned {
    double yen;
    int item, pad;
};

union number {
    int i;
    float f;
    unsigned char bytes[4];
};

struct flags {
    unsigned ready : 1;
    unsigned level : 20;
};

struct opaque;
struct opaque *make(void);
