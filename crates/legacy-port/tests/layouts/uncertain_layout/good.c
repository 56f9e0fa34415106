#ifdef __clang__
typedef unsigned int tally;
#else
typedef unsigned int tally;
#endif

struct sums {
    tally now[10];
    int entries[256 / sizeof(short)];
} sums;
