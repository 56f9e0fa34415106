#include <stddef.h>
#include <string.h>

struct sale { /*~ record_layout */
    char *title;
    long price;
};

int use(void)
{
    char *s = copy_of("a"); /*~ implicit_function */
    struct sale *p = (struct sale *)newest(s); /*~ implicit_function */
    long total = price_of(p) + 1; /*~ implicit_function */
    char *where = strcasestr(s, "b"); /*~ implicit_function */
    return total + (where != 0); /*~ implicit_narrowing(look) */
}
