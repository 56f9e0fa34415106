#include "ledger.h"
#include "tape/drive.h"

int rewind_tape(struct drive *d)
{
	return d->unit;
}
