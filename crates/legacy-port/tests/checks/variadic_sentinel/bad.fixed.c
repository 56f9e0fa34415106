#include <stddef.h>

extern char *concat(char *to, size_t size, ...);
extern int execl(const char *path, const char *arg, ...);
#define END 0

int run(char *buf, char *name)
{
    concat(buf, 10, "a", name, (char *)0); /*~ variadic_sentinel */
    concat(buf, 10, name, END); /*~ variadic_sentinel */
    return execl("/bin/ls", "ls", "-l", (char *)0); /*~ variadic_sentinel */
}
