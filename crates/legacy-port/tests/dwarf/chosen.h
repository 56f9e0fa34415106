#define NAMES (8 * sizeof(short))
#define ENTRIES ROOM / 4
#define ROOM (256 - sizeof(void *))
#if defined(__LP64__)
#define WIDE 1
#else
#define WIDE 0
#endif
#if WIDE
#define SLOTS (64 / sizeof(void *))
#else
#define SLOTS (64 / sizeof(void *) + 1)
#endif
