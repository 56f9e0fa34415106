#include <stddef.h>

typedef long seconds;

int set_clock(seconds t); /*~ ffi_signature */

/* The result is written through a pointer: 4 bytes on one, 8 on the other. */
int get_clock(seconds *t); /*~ ffi_signature */

void each(int (*f)(void *, size_t), void *with); /*~ ffi_signature */
