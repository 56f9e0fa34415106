/* the unit that the calls in bad.c and good.c go to */
#include <stddef.h>

struct sale { /*~ record_layout */
    char *title;
    long price;
};

char *copy_of(s)
    char *s;
{
    return s;
}

struct sale *newest(const char *s)
{
    static struct sale one;
    one.title = copy_of(s);
    return &one;
}

long price_of(struct sale *p)
{
    return p->price;
}

int count(const char *s)
{
    return *s;
}

char *forget(char *s)
{
    return s;
}

char *declared(char *s)
{
    return s;
}
