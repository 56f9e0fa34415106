#include <stddef.h>
#include <stdint.h>

struct setting { /*~ record_layout */
    const char *name;
    int value;
};

typedef unsigned long address; /* as wide as a pointer on both */ /*~ word_alias */

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

/* kept in a variable of which only low bits are used */
int low_later(void *word, char *out)
{
    int number = (int)word;
    out[0] = (char)number;
    return number & 0xff;
}

/* a pointer that carries numbers: whoever reads one is told to look, no more */
struct entry { /*~ record_layout */
    void *client_data;
};
void put(struct entry *e, int key)
{
    e->client_data = (void *)key;
}
int get(struct entry *e)
{
    return (int)e->client_data; /*~ pointer_truncation(look) */
}

/* the number is written out byte by byte and never becomes a pointer again */
extern void write8(int byte);
static void write32(int value)
{
    write8(value & 0xff);
    write8((value >> 8) & 0xff);
    write8((value >> 16) & 0xff);
    write8((value >> 24) & 0xff);
}
void save(void *p)
{
    write32((int)p); /*~ pointer_truncation(look) */
}

/* what callbacks are given: the program puts numbers into pointers of this name */
typedef void *client_data;
extern void add_callback(void (*f)(client_data), client_data data);
extern void choose(int which);
static void chosen(client_data data)
{
    choose((int)data); /*~ pointer_truncation(look) */
}
void menu(int which)
{
    add_callback(chosen, (client_data)which);
}

/* bits that are the same, and addresses that a sum takes away again */
int aligned(int *from, int *to, int count)
{
    return (((int)from | (int)to | count) & 3) == 0;
}
unsigned step(unsigned char *line, unsigned delta)
{
    return (0 - (unsigned)line) + (unsigned)line + delta;
}
