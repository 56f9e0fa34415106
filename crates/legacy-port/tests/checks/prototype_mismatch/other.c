#include <stddef.h>

long table_size = 100;
int *table;
short width;

char *lookup(char *name)
{
    return name;
}

char *find(key)
    long key;
{
    return (char *)0 + key;
}

void reset(int a, long b, long c)
{
    table_size = a + b + c;
}

long local_view(void)
{
    return table_size;
}

int right(char *p, unsigned n)
{
    return p[n];
}

int wrong_everywhere(int n)
{
    return n;
}

static int hidden(char *name)
{
    return name[0];
}

int of_hidden(char *name)
{
    return hidden(name);
}
