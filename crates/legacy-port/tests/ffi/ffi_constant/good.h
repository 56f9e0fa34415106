/* Another text on each target, and the same value. */
#ifdef __i386__
#define LIMIT 0x1000
#else
#define LIMIT (1 << 12)
#endif

enum { WORD = sizeof(int), PAIR = 2 * WORD };

#define MAGIC "AUC3"
#define NONE 0xFFFFFFFF
#define SCALE 1.5
