#ifdef __LP64__
typedef unsigned long long tally;
#else
typedef unsigned int tally; /*~ uncertain_layout */
#endif

struct sums { /*~ uncertain_layout */
    tally now[10];
} sums;

struct chunk { /*~ differing_layout(look) uncertain_layout */
    struct chunk *next;
    int entries[(256 - sizeof(void *)) / 4];
} *chunks;
