#include <limits.h>

#ifdef __i386__
#define LOCK() lock(&held)
#else
#define LOCK() (held = 1)
#endif

int lock(int *what);
int use(unsigned char *bytes);
static int held;

#ifdef __i386__
typedef int word;
static int helper(word w)
{
    return w + 1;
}
#else
typedef long word;
#endif

/* something else takes its place; more is done on the new target */
int swap(unsigned char *bytes)
{
    int n = 0;
#ifdef __i386__
    unsigned spare;
    bytes[0] = bytes[3];
    bytes[3] = (unsigned char)helper(3);
#else
    use(bytes);
#endif
#ifdef __x86_64__
    n = use(bytes);
#endif
    LOCK();
#if LONG_MAX == 0x7FFFFFFF
    return n;
#else
    return n + 1;
#endif
}

/* a choice of the program's own */
int own(unsigned char *bytes)
{
#ifdef WITH_FAST_PATH
    return use(bytes);
#endif
    if (sizeof(word) == 4)
        bytes[0] = 1;
    return bytes[0];
}
