#include <stddef.h>
#include <stdint.h>

struct setting { /*~ record_layout */
    const char *name;
    int value;
};

typedef unsigned long address; /* as wide as a pointer on both */

extern void take_address(intptr_t a);

/* wide enough on both */
address of(void *p)
{
    take_address((intptr_t)p);
    return (address)p;
}

/* only low bits are asked for: the same on both */
int aligned(void *p)
{
    return ((int)p & 3) == 0 && (unsigned)p % 8 == 0;
}

/* no address but a small number */
#define OFFSET_OF(type, member) ((int)&((type *)0)->member)
int offset(void)
{
    return OFFSET_OF(struct setting, value) + (int)(size_t)&((struct setting *)0)->value;
}

/* lost bits under the old target already: a port changes nothing */
short low_half(void *p)
{
    return (short)(int)p;
}

/* a small number was kept in the pointer: it is an index here */
struct setting *swizzled(struct setting *base, void *p)
{
    short low = (int)p;
    return &base[(int)p - 1] + low;
}

/* truth, differences and constants are no addresses */
int truth(char *p, char *q)
{
    int n = q != p && p;
    return !p + n + (int)NULL;
}

_Bool there(char *p)
{
    return p;
}
