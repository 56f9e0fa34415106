/*
 * index.c - hash index over the record file
 *
 * One slot for every item, which has the place of the newest sale of
 * that item; older ones hang on it.  The file is mapped, the system
 * writes it back.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>
#include <string.h>
#include <stdio.h>
#include <errno.h>

#include "auction.h"

int
index_create(const char *file, u32 nslots)
{
	struct idxhdr h;
	struct idxslot s;
	FILE *fp;
	u32 i;

	fp = fopen(file, "wb");
	if (fp == NULL) {
		logmsg("%s: %s", file, strerror(errno));
		return -1;
	}
	memset(&h, 0, sizeof(h));
	memcpy(h.magic, INDEX_MAGIC, 4);
	h.nslots = nslots;
	if (fwrite(&h, sizeof(h), 1, fp) != 1)
		goto bad;
	s.hash = 0;
	s.off = -1;
	for (i = 0; i < nslots; i++)
		if (fwrite(&s, sizeof(s), 1, fp) != 1)
			goto bad;
	if (fclose(fp) == 0)
		return 0;
	logmsg("%s: %s", file, strerror(errno));
	return -1;
bad:
	logmsg("%s: %s", file, strerror(errno));
	fclose(fp);
	return -1;
}

int
index_open(struct index *ix, const char *file)
{
	struct stat sb;
	int prot = PROT_READ | PROT_WRITE;
	char *addr;

	ix->hdr = NULL;
	ix->fd = open(file, O_RDWR);
	if (ix->fd < 0 && (errno == EROFS || errno == EACCES)) {
		ix->fd = open(file, O_RDONLY);
		prot = PROT_READ;
	}
	if (ix->fd < 0 || fstat(ix->fd, &sb) < 0) {
		logmsg("%s: %s", file, strerror(errno));
		return -1;
	}
	ix->len = sb.st_size;
	if (ix->len < sizeof(struct idxhdr)) {
		logmsg("%s: too short for an index (%d bytes)", file, ix->len);
		close(ix->fd);
		return -1;
	}
	addr = mmap(0, ix->len, prot, MAP_SHARED, ix->fd, 0);
	if (addr == (char *)-1) {
		logmsg("%s: cannot map: %s", file, strerror(errno));
		close(ix->fd);
		return -1;
	}
	ix->hdr = (struct idxhdr *)addr;
	ix->slot = (struct idxslot *)(addr + sizeof(struct idxhdr));
	if (memcmp(ix->hdr->magic, INDEX_MAGIC, 4) != 0) {
		logmsg("%s: not an index file", file);
		index_close(ix);
		return -1;
	}
	if (sizeof(struct idxhdr) + ix->hdr->nslots * sizeof(struct idxslot)
	    != ix->len) {
		logmsg("%s: %lu slots do not fit %d bytes", file,
		    ix->hdr->nslots, ix->len);
		index_close(ix);
		return -1;
	}
	return 0;
}

void
index_close(struct index *ix)
{
	if (ix->hdr) {
		munmap((void *)ix->hdr, ix->len);
		close(ix->fd);
	}
	ix->hdr = NULL;
}

/*
 * The slot of an item, or the free one where it belongs.
 * NULL when the index is full.
 */
static struct idxslot *
lookup(struct index *ix, const char *item, struct store *st)
{
	u32 h = hash_item(item);
	u32 n = ix->hdr->nslots;
	u32 i = h % n, tries;
	struct idxslot *sl;
	struct sale s;

	for (tries = 0; tries < n; tries++) {
		sl = &ix->slot[i];
		if (sl->off == -1)
			return sl;
		if (sl->hash == h && store_read(st, sl->off, &s) == 0 &&
		    strncmp(s.item, item, ITEMLEN) == 0)
			return sl;
		if (++i == n)
			i = 0;
	}
	return NULL;
}

/* position of the newest sale, 0 when there is none */
long
index_find(struct index *ix, const char *item, struct store *st)
{
	struct idxslot *sl = lookup(ix, item, st);

	if (sl == NULL || sl->off == -1)
		return 0;
	return sl->off;
}

int
index_put(struct index *ix, const char *item, long off, struct store *st)
{
	struct idxslot *sl = lookup(ix, item, st);

	if (sl == NULL)
		return -1;
	if (sl->off == -1) {
		if (ix->hdr->nused * 8 >= ix->hdr->nslots * 7)
			return -1;
		ix->hdr->nused++;
	}
	sl->hash = hash_item(item);
	sl->off = off;
	return 0;
}
