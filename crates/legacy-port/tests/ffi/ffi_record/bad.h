struct header { /*~ ffi_record */
	char magic[4];
	long count;
};

/* As large on both, but `rate` is at offset 4 on i386. */
struct quote { /*~ ffi_record */
	int item;
	double rate;
	char pad[4];
};

/* Members lie where they did; only where the record itself may lie is another thing. */
struct rate { /*~ ffi_record(look) */
	double of;
};

/* `place` is at bit 32 on i386, and at bit 20 where a `long` has room for both. All else is where it was. */
struct lot { /*~ ffi_record */
	long number : 20;
	long place : 20;
	long long sum __attribute__((aligned(8)));
};

/* Only a width differs. */
struct state { /*~ ffi_record */
	unsigned used : 1 + sizeof(long);
	unsigned : 0;
	unsigned last;
};

/* A bit-field of a record without a name is one of the record that it is in, and is told of it. */
struct entry { /*~ ffi_record */
	long long sum __attribute__((aligned(8)));
	union {
		struct {
			unsigned kind : 4;
			unsigned open : sizeof(void *);
		};
		unsigned all;
	} u;
};

struct quote find(struct header *h, int item);
