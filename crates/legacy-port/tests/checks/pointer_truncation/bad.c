#include <stddef.h>

struct setting { /*~ record_layout */
    const char *name;
    int value; /*~ pointer_truncation */
};

typedef unsigned int word;
#define AS_WORD(p) ((word)(p)) /*~ pointer_truncation */

extern void take(int handle);
extern struct setting table[];
extern void *find(const char *name);

int same_page(char *a, char *b)
{
    word x = (word)a; /*~ pointer_truncation */
    return x == AS_WORD(b);
}

/* by way of a wide integer it is no better */
int key(void *p)
{
    return (int)(size_t)p; /*~ pointer_truncation */
}

void set(struct setting *s, char *text, int i)
{
    s->value = (int)text; /* told once, at the member that is to change */
    table[i].value = (int)"none";
    take((int)find("x")); /*~ pointer_truncation */
    take((int)(i ? text : 0)); /*~ pointer_truncation */
}

/* nobody wrote a cast */
int implicit(char *p, int buffer[4])
{
    int a = p; /*~ pointer_truncation */
    take(buffer); /*~ pointer_truncation */
    return a;
}

unsigned round_up(void *p)
{
    return ((unsigned)p + 3) & ~3; /*~ pointer_truncation */
}
