#include <stddef.h>

extern char *concat(char *to, size_t size, ...);
extern int sum(int first, ...);
extern int printf(const char *, ...);

int run(char *buf, char *name)
{
    concat(buf, 10, "a", name, (char *)0);
    concat(buf, 10, name, NULL);
    printf("%s %d\n", name, 0);
    return sum(1, 2, 3, 0);
}

/* without a prototype nobody knows that it is a list */
void reload();
void again(char *window)
{
    reload(window, 0);
}
