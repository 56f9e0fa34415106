#include <stddef.h>

/* other.c says what they are */
extern int table_size; /*~ prototype_mismatch */
extern int *table; /* as wide as any pointer */
extern int lookup(char *name); /*~ prototype_mismatch */
extern char *find(int key); /*~ prototype_mismatch */
extern void reset(int a, int b, long c); /*~ prototype_mismatch */

int use(char *name)
{
    extern int local_view(void); /*~ prototype_mismatch */
    reset(1, 2, 3);
    return lookup(name) + *find(table_size) + local_view() + table[0];
}
