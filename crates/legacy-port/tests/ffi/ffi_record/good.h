#include <stdint.h>

struct header {
	char magic[4];
	uint32_t count;
};

struct quote {
	int32_t item;
	int32_t reserved;
	double rate __attribute__((aligned(8)));
};

/* A type of fixed width has the same room for bit-fields on both. */
struct lot {
	int32_t number : 20;
	int32_t place : 20;
	int64_t sum __attribute__((aligned(8)));
};

/* Those of records without a name lie in the same places too. */
struct state {
	unsigned used : 5;
	unsigned open : 3;
	union {
		struct {
			unsigned kind : 4;
			unsigned : 0;
			unsigned last : 7;
		};
		int64_t all __attribute__((aligned(8)));
	} u;
};

/* Opaque: nobody outside knows what is in it. */
struct store;

struct quote find(struct store *s, int32_t item);
