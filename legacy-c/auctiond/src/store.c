/*
 * store.c - the record file
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>

#include "auction.h"

#define STORE_VERSION	3

/* file names in the data directory */
#define F_RECORDS	"sales.dat"
#define F_INDEX		"sales.idx"
#define F_JOURNAL	"sales.jnl"

long
store_off(long n)
{
	return sizeof(struct filehdr) + n * sizeof(struct sale);
}

static u32
hdr_sum(struct filehdr *h)
{
	return cksum_adler(h, (int)&h->sum - (int)h);
}

static int
write_hdr(FILE *fp, struct filehdr *h)
{
	h->sum = hdr_sum(h);
	if (fseek(fp, 0, SEEK_SET) < 0 || fwrite(h, sizeof(*h), 1, fp) != 1)
		return -1;
	return fflush(fp);
}

int
store_create(const char *dir)
{
	struct filehdr h;
	char file[256];
	FILE *fp;

	path_join(file, sizeof(file), dir, F_RECORDS);
	if (access(file, F_OK) == 0) {
		logmsg("%s is there already", file);
		return -1;
	}
	fp = fopen(file, "wb");
	if (fp == NULL) {
		logmsg("%s: %s", file, strerror(errno));
		return -1;
	}
	memset(&h, 0, sizeof(h));
	memcpy(h.magic, STORE_MAGIC, 4);
	h.version = STORE_VERSION;
	h.recsize = sizeof(struct sale);
	h.created = h.updated = now();
	if (write_hdr(fp, &h) < 0) {
		logmsg("%s: %s", file, strerror(errno));
		fclose(fp);
		return -1;
	}
	fclose(fp);
	path_join(file, sizeof(file), dir, F_INDEX);
	return index_create(file, conf_num("slots"));
}

int
store_open(struct store *st, const char *dir)
{
	char file[256];
	int size, writable = 1;

	memset(st, 0, sizeof(*st));
	st->journal = -1;
	st->dir = (char *)dir;
	path_join(file, sizeof(file), dir, F_RECORDS);
	st->fp = fopen(file, "r+b");
	if (st->fp == NULL && (errno == EROFS || errno == EACCES)) {
		st->fp = fopen(file, "rb");
		writable = 0;
	}
	if (st->fp == NULL) {
		logmsg("%s: %s", file, strerror(errno));
		return -1;
	}
	if (fread(&st->hdr, sizeof(st->hdr), 1, st->fp) != 1) {
		logmsg("%s: too short for a record file", file);
		goto bad;
	}
	if (memcmp(st->hdr.magic, STORE_MAGIC, 4) != 0) {
		logmsg("%s: not a record file of this machine", file);
		goto bad;
	}
	if (st->hdr.version != STORE_VERSION ||
	    st->hdr.recsize != sizeof(struct sale)) {
		logmsg("%s: version %lu with records of %ld bytes, not %d with %d",
		    file, st->hdr.version, st->hdr.recsize,
		    STORE_VERSION, sizeof(struct sale));
		goto bad;
	}
	if (st->hdr.sum != hdr_sum(&st->hdr)) {
		logmsg("%s: bad checksum %lx in the head", file, st->hdr.sum);
		goto bad;
	}
	fseek(st->fp, 0, SEEK_END);
	size = ftell(st->fp);
	if (size < store_off(st->hdr.nrec)) {
		logmsg("%s: %d bytes are too few for %ld records", file, size,
		    st->hdr.nrec);
		goto bad;
	}
	path_join(file, sizeof(file), dir, F_INDEX);
	if (index_open(&st->ix, file) < 0)
		goto bad;
	path_join(file, sizeof(file), dir, F_JOURNAL);
	if (writable && journal_replay(st, file) < 0) {
		index_close(&st->ix);
		goto bad;
	}
	if (writable && conf_num("journal"))
		st->journal = journal_open(file);
	return 0;
bad:
	fclose(st->fp);
	st->fp = NULL;
	return -1;
}

void
store_close(struct store *st)
{
	if (st->fp == NULL)
		return;
	index_close(&st->ix);
	if (st->journal >= 0)
		close(st->journal);
	fclose(st->fp);
	st->fp = NULL;
}

int
store_read(struct store *st, long off, struct sale *s)
{
	if (off < (long)sizeof(struct filehdr) ||
	    off >= store_off(st->hdr.nrec))
		return -1;
	if (fseek(st->fp, off, SEEK_SET) < 0)
		return -1;
	return fread(s, sizeof(*s), 1, st->fp) == 1 ? 0 : -1;
}

/*
 * The index is full: make one of twice the size from the records.
 */
static int
reindex(struct store *st)
{
	char file[256], tmp[256];
	struct index ix;
	struct sale s;
	long i;

	path_join(file, sizeof(file), st->dir, F_INDEX);
	path_join(tmp, sizeof(tmp), st->dir, F_INDEX);
	strcatv(tmp, sizeof(tmp), ".", "new", 0);
	if (index_create(tmp, st->ix.hdr->nslots * 2 + 1) < 0 ||
	    index_open(&ix, tmp) < 0)
		return -1;
	for (i = 0; i < st->hdr.nrec; i++) {
		if (store_read(st, store_off(i), &s) < 0 ||
		    index_put(&ix, s.item, store_off(i), st) < 0) {
			index_close(&ix);
			unlink(tmp);
			return -1;
		}
	}
	if (rename(tmp, file) < 0) {
		index_close(&ix);
		return -1;
	}
	index_close(&st->ix);
	st->ix = ix;
	return 0;
}

int
store_append(struct store *st, struct sale *s, int journal)
{
	long off = store_off(st->hdr.nrec);

	s->next.off = index_find(&st->ix, s->item, st);
	if (journal && st->journal >= 0 &&
	    journal_append(st->journal, s, st->hdr.nrec) < 0)
		return -1;
	if (fseek(st->fp, off, SEEK_SET) < 0 ||
	    fwrite(s, sizeof(*s), 1, st->fp) != 1 || fflush(st->fp) != 0) {
		logmsg("cannot write a record: %s", strerror(errno));
		return -1;
	}
	st->hdr.nrec++;
	st->hdr.updated = now();
	if (s->state == ST_SOLD)
		st->hdr.turnover += s->price;
	if (write_hdr(st->fp, &st->hdr) < 0)
		return -1;
	if (index_put(&st->ix, s->item, off, st) < 0) {
		if (reindex(st) < 0) {
			logmsg("cannot make the index anew");
			return -1;
		}
	}
	return 0;
}

/*
 * All records in memory, with their links made pointers.
 */
struct sale *
store_load(struct store *st, int *n)
{
	struct sale *base, *s;
	int i;

	*n = st->hdr.nrec;
	base = (struct sale *)xmalloc((*n + 1) * sizeof(struct sale));
	fseek(st->fp, sizeof(struct filehdr), SEEK_SET);
	if (fread(base, sizeof(struct sale), *n, st->fp) != *n) {
		logmsg("cannot read %d records", *n);
		free(base);
		return NULL;
	}
	for (i = 0, s = base; i < *n; i++, s++) {
		if (s->next.off == 0)
			continue;
		s->next.p = base + (s->next.off - sizeof(struct filehdr)) /
		    sizeof(struct sale);
	}
	return base;
}

int
store_check(struct store *st, FILE *out)
{
	struct sale s, o;
	char file[256];
	double turnover = 0;
	int bad = 0, nj, badj, hops;
	long i, off, newest;

	for (i = 0; i < st->hdr.nrec; i++) {
		if (store_read(st, store_off(i), &s) < 0) {
			fprintf(out, "record %ld: cannot be read\n", i);
			bad++;
			continue;
		}
		if (s.item[ITEMLEN - 1] || s.title[TITLELEN - 1] ||
		    s.category >= MAXCAT || s.state > ST_CANCELLED) {
			fprintf(out, "record %ld: damaged\n", i);
			bad++;
			continue;
		}
		if (s.state == ST_SOLD)
			turnover += s.price;
		/* every record hangs on the newest one of its item */
		newest = index_find(&st->ix, s.item, st);
		for (off = newest, hops = 0; off > 0; off = o.next.off) {
			if (off == store_off(i))
				break;
			if (store_read(st, off, &o) < 0 || hops++ > st->hdr.nrec) {
				off = 0;
				break;
			}
		}
		if (off != store_off(i)) {
			fprintf(out, "record %ld: item %s: not in the index\n",
			    i, s.item);
			bad++;
		}
	}
	if (turnover != st->hdr.turnover) {
		fprintf(out, "turnover is %.2f, not %.2f\n", turnover,
		    st->hdr.turnover);
		bad++;
	}
	path_join(file, sizeof(file), st->dir, F_JOURNAL);
	nj = journal_check(file, &badj);
	if (badj) {
		fprintf(out, "journal: damaged after %d entries\n", nj);
		bad++;
	}
	fprintf(out, "%ld records, %lu items, %d journal entries, %d errors\n",
	    st->hdr.nrec, st->ix.hdr->nused, nj, bad);
	return bad;
}

int
store_dump(struct store *st, FILE *out)
{
	struct sale *base, *s, *o;
	char when[20];
	int i, n, older;

	fprintf(out, "version %lu, %d bytes a record, head %d bytes\n",
	    st->hdr.version, sizeof(struct sale), sizeof(struct filehdr));
	fprintf(out, "created %s\n", fmt_date(st->hdr.created, when));
	fprintf(out, "index: %lu of %lu slots\n", st->ix.hdr->nused,
	    st->ix.hdr->nslots);
	base = store_load(st, &n);
	if (base == NULL)
		return -1;
	for (i = 0, s = base; i < n; i++, s++) {
		older = -1;
		if (s->next.p)
			older = ((int)s->next.p - (int)base) / sizeof(struct sale);
		fprintf(out, "%5d %8d %-*s %6.2f %s cat %d st %d bids %d fee %d older %d hash %08lx\n",
		    i, s->id, ITEMLEN, s->item, s->price,
		    fmt_date(s->closed, when), s->category, s->state,
		    s->nbids, sale_fee(s), older, hash_item(s->item));
	}
	free(base);
	return 0;
}
