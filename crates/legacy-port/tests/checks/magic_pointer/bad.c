#include <stddef.h>

#define NOWHERE ((char *)0xFFFFFFFF) /*~ magic_pointer */
#define KERNEL 0xC0000000

struct node { /*~ record_layout */
    struct node *next;
};

int check(char *p, struct node *n)
{
    if (p == NOWHERE || p >= (char *)KERNEL) /*~ magic_pointer */
        return 0;
    n->next = (struct node *)0xDEADBEEF; /*~ magic_pointer */
    return n->next == (void *)~0U; /*~ magic_pointer */
}
