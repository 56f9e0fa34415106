#include <stddef.h>

/* the same widths, whatever the names */
typedef int number;
extern long table_size;
extern int *table;
extern number right(char *p, number n);

/* wrong under the old target already: the port changes nothing */
extern long long wrong_everywhere(int n);
extern int width;

/* defined nowhere here, or not for others to see */
extern int unknown(long n);
extern char *hidden(char *name);
static int lookup(char *name)
{
    return name[0];
}

int use(char *name)
{
    return lookup(name) + right(name, table_size) + table[0] + width + unknown(1) + wrong_everywhere(2); /*~ implicit_narrowing(look) */
}
