#include <stddef.h>

extern void use(const char *s);
extern void print(const char *format, char *arguments);

void all(const char *first, ...)
{
    const char **p = &first; /*~ stack_walk */
    while (*p)
        use(*p++);
}

void error(format, a, b)
    char *format;
    int a, b;
{
    print(format, (char *)(&format + 1)); /*~ stack_walk */
    int *list = &a; /*~ stack_walk */
    use(format + list[1]);
}

int nth(int n, int first, ...)
{
    return (&first)[n]; /*~ stack_walk */
}

/* whoever gets it looks for the others behind it */
extern int enter(int *arguments);
int dispatch(int number, ...)
{
    return enter(&number); /*~ stack_walk */
}
