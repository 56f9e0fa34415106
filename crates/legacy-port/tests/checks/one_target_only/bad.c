#include <limits.h>

#ifdef __i386__
#define LOCK() lock(&held) /*~ one_target_only */
#else
#define LOCK()
#endif

typedef int (*command)(void);

int lock(int *what);
int fast(void);
int plain(void);
int use(unsigned char *bytes);
static int held;

static const command commands[] = {
    plain,
#if defined(__i386__)
    fast, /*~ one_target_only */
#endif
};

int swap(unsigned char *bytes)
{
    int n = 0;
#ifdef __i386__
    bytes[0] = bytes[3]; /*~ one_target_only */
    bytes[3] = 0;
#endif
    n++;
    LOCK();
    n--;
#if LONG_MAX == 0x7FFFFFFF
    n = use(bytes); /*~ one_target_only */
#else
    /* not yet */
#endif
    return n + commands[0]();
}
