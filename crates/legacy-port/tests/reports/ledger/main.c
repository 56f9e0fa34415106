#include "ledger.h"

int save(int fd, struct entry *e);

/* The number of an entry, kept where a pointer was. */
static int handle;

int main(int argc, char **argv)
{
	char *p = argv[0];
	struct entry **all = malloc(argc * 4);

	handle = (int)p + (int)argv; printf("%d entries, %d\n", argc, sizeof(*all));
#ifdef __i386__
	handle++;
#endif
	return save(1, (struct entry *)handle);
}
