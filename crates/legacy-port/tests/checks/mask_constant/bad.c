#include <stddef.h>

#define ALIGN(p) ((char *)(((unsigned long)(p) + 3) & 0xFFFFFFFC)) /*~ mask_constant pointer_alignment */

struct slot { /*~ record_layout */
    unsigned long offset;
};

char *align(char *p)
{
    return ALIGN(p);
}

int empty(struct slot *s, size_t n)
{
    s->offset &= 0xFFFFF000; /*~ mask_constant */
    n &= ~3U; /*~ mask_constant */
    return s->offset == 0xFFFFFFFF || n != 0xffffffffU; /*~ mask_constant mask_constant */
}
