#ifdef __LP64__
typedef unsigned long long tally;
#else
typedef unsigned int tally; /*~ uncertain_layout */
#endif

struct sums { /*~ uncertain_layout */
    tally now[10];
} sums;

#ifdef __LP64__
#define ROOM (512 - sizeof(void *))
#else
#define ROOM (256 - sizeof(void *))
#endif

struct chunk { /*~ differing_layout(look) uncertain_layout */
    struct chunk *next;
    int entries[ROOM / 4];
} *chunks;
