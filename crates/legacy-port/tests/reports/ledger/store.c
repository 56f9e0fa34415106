#include "ledger.h"

int save(int fd, struct entry *e)
{
	return write(fd, e, sizeof(struct entry)) == sizeof(struct entry);
}

int load(int fd, struct entry *e)
{
	return read(fd, e, sizeof(*e)) == sizeof(*e);
}
