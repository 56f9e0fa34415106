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

struct quote find(struct header *h, int item);
