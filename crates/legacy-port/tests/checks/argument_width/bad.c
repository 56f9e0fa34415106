#include <stdarg.h>

typedef int (*syscall)(int number, ...);

static int arguments[8];
static syscall enter;

/* the entry of a plug-in: numbers and pointers alike are passed to it */
static int dispatch(int number, ...)
{
    va_list ap;
    int i;
    va_start(ap, number);
    for (i = 0; i < 8; i++)
        arguments[i] = va_arg(ap, int); /*~ argument_width */
    va_end(ap);
    return number;
}

int print(const char *text)
{
    enter = dispatch;
    return enter(1, text);
}

static int count(int n, ...)
{
    va_list ap;
    int i, all = 0;
    va_start(ap, n);
    for (i = 0; i < n; i++)
        all += va_arg(ap, char *) != 0;
    va_end(ap);
    return all;
}

int counted(char *a, int b)
{
    return count(3, a, b, 7); /*~ argument_width argument_width */
}
