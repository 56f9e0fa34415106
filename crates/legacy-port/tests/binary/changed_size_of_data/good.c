/* cc -m32 -shared -fPIC */
/* cc -m64 -shared -fPIC */
#include <stdint.h>

struct sale {
    int32_t lot;
    int32_t price;
    char buyer[20];
} last_sale = {1};

char names[4][8] = {"a", "b", "c", "d"};

/* Nobody else sees it. */
static long total;

long add(long n)
{
    return total += n;
}
