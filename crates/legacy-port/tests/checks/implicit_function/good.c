#include <stddef.h>

char *declared(); /* no parameters, but the right result */

int use(char *s)
{
    int n = count(s); /* an int indeed */
    s = declared(s);
    forget(s); /* the result is not used */
    (void)forget(s);
    return n;
}
