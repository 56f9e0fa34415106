#include <stddef.h>

typedef int (*handler)(int);
typedef void (*action)();

struct command { /*~ record_layout */
    const char *name;
    int (*run)(int argument);
};

extern char *find(int key);
extern int by_address(char *where);
extern void each(int (*f)(void *item), void *list);
extern long count(void *item);
extern int install(handler h);
extern int (*entry)(int command, int argument);
extern long entry_point(int command, long argument);

/* in a table, with a cast and without one */
struct command commands[] = {
    { "find", (int (*)(int))find }, /*~ function_type_pun */
    { "by", by_address }, /*~ function_type_pun */
};

void use(void *list)
{
    each((int (*)(void *))count, list); /*~ function_type_pun */
    each(&count, list); /*~ function_type_pun */
    install((handler)by_address); /*~ function_type_pun */
    entry = (int (*)(int, int))entry_point; /*~ function_type_pun */
}
