#include <stddef.h>

extern int sprintf(char *to, const char *format, ...);

/* room for both, or for neither; values that are known to be small; lengths that are not known */
void print(long n, int i, const char *name, double d)
{
    char number[12];
    char large[24];
    char small[4];
    sprintf(number, "%d", i);
    sprintf(large, "%ld", n);
    sprintf(small, "%ld", n);
    sprintf(number, "%ld", n & 0xFFFF);
    if (n >= 0 && n < 1000)
        sprintf(small, "%03ld", n);
    sprintf(number, "%s%ld", name, n);
    sprintf(number, "%.2f", d);
    sprintf(number, "%*ld", i, n);
}
