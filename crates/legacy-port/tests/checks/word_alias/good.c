#include <stddef.h>
#include <stdint.h>

typedef int fixed;
typedef unsigned char byte;
typedef char *text;
typedef intmax_t largest;
typedef struct { int n; } number;

#define PRIVATE static
#define WORD unsigned
#define SIZE int64_t
#define LEN(x) ((long)(x))

/* the type is not written in the macro */
PRIVATE long counter;
WORD long other;

SIZE length(WORD n, byte b)
{
    fixed f = LEN(n);
    return counter + f + b + other;
}
