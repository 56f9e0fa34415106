#include <stddef.h>

typedef int (*handler)(int);
typedef void (*action)();

extern int by_number(unsigned n);
extern void nothing(void);
extern int other(const char *text);
extern char *text(int key);
extern int install(handler h);
extern void qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *));

int compare_text(const char *a, const char *b)
{
    return a[0] - b[0];
}

/* as wide on both, and pointers are pointers */
void use(char *list, size_t n)
{
    action a = (action)nothing;
    action b = (action)other;
    void *(*c)(unsigned) = (void *(*)(unsigned))text;
    install((handler)by_number);
    qsort(list, n, 1, (int (*)(const void *, const void *))compare_text);
    a();
    b();
    c(1);
}

/* other under the old target already */
int (*old_loss)(long long) = (int (*)(long long))by_number;

/* kept in no type and taken back */
handler kept(void *symbol)
{
    return (handler)symbol;
}
