#include <stdint.h>

/* told apart by a tag: to look at, no more */
enum kind { NUMBER, TEXT };
struct value { /*~ record_layout */
    enum kind kind;
    union { /*~ union_pun(look) record_layout */
        int number;
        char *text;
    } as;
};

int length(struct value *v)
{
    if (v->kind == NUMBER)
        return v->as.number;
    return v->as.text ? v->as.text[0] : 0;
}

/* as wide on both, or other on both */
union same {
    int32_t i;
    unsigned u;
    float f;
    char bytes[4];
};

union wide { /*~ record_layout */
    intptr_t number;
    void *pointer;
    char bytes[4];
};

int zero(union wide *w)
{
    w->number = 0;
    return w->pointer == 0;
}

union different {
    short s;
    int64_t l;
};

int low(union different *d)
{
    d->s = 0;
    return d->l == 0;
}
