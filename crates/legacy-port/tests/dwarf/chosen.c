/* Types and lengths that are other ones on another target, of which debug information of one build has no trace. */
#include "chosen.h"

#ifdef __LP64__
typedef unsigned long long stat_value;
#else
typedef unsigned int stat_value;
#endif

#ifdef __clang__
typedef int plain;
#else
typedef signed int plain;
#endif

typedef unsigned int uptr;

struct sums {
	stat_value now[10];
	plain n;
};

struct chunk {
	struct chunk *next;
	int entries[ENTRIES];
};

struct both {
	struct sums sums[2];
	struct chunk chunk;
};

struct plain_names {
	char name[NAMES];
	plain n;
	uptr u;
};

struct extra {
	int n;
#if WIDE
	int more;
#endif
};

struct slots {
	int used[SLOTS];
};

struct both both;
struct slots slots;
struct plain_names names;
struct extra extra;
