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

/* Opaque: nobody outside knows what is in it. */
struct store;

struct quote find(struct store *s, int32_t item);
