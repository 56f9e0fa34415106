/*
 * journal.c - what came in since the last checkpoint
 *
 * A sale is written here before it goes into the record file.  When
 * the machine goes down in between it is put in from here at the next
 * start.
 */
#include <sys/types.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>
#include <string.h>
#include <errno.h>

#include "auction.h"

#define JMAGIC		0xA0C7104E
#define JRECLEN		20		/* head of an entry */

int
journal_open(const char *file)
{
	int fd;

	fd = open(file, O_RDWR | O_CREAT | O_APPEND, 0644);
	if (fd < 0)
		logmsg("%s: %s", file, strerror(errno));
	return fd;
}

int
journal_append(int fd, struct sale *s, long seq)
{
	char buf[sizeof(struct jrec) + sizeof(struct sale)];
	struct jrec r;
	int n;

	memset(&r, 0, JRECLEN);
	r.magic = JMAGIC;
	r.when = now();
	r.seq = seq;
	r.len = sizeof(struct sale);
	r.sum = cksum_words(s, sizeof(struct sale)) ^ r.seq;
	memcpy(buf, &r, JRECLEN);
	memcpy(buf + JRECLEN, s, sizeof(struct sale));
	n = write(fd, buf, JRECLEN + sizeof(struct sale));
	if (n != JRECLEN + sizeof(struct sale)) {
		logmsg("journal: %s", n < 0 ? strerror(errno) : "short write");
		return -1;
	}
	return fdatasync(fd);
}

/*
 * Read the next entry.  1: there was one, 0: end, -1: damaged.
 */
static int
next_entry(int fd, struct jrec *r, struct sale *s)
{
	int n;

	n = read(fd, r, JRECLEN);
	if (n == 0)
		return 0;
	if (n != JRECLEN || r->magic != JMAGIC || r->len != sizeof(struct sale))
		return -1;
	if (read(fd, s, sizeof(struct sale)) != sizeof(struct sale))
		return -1;
	if (r->sum != (cksum_words(s, sizeof(struct sale)) ^ r->seq))
		return -1;
	return 1;
}

int
journal_replay(struct store *st, const char *file)
{
	struct jrec r;
	struct sale s;
	int fd, rc, done = 0;

	fd = open(file, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	while ((rc = next_entry(fd, &r, &s)) == 1) {
		if (r.seq < st->hdr.nrec)
			continue;
		if (r.seq > st->hdr.nrec) {
			logmsg("journal: entry %ld, but %ld records", r.seq,
			    st->hdr.nrec);
			rc = -1;
			break;
		}
		s.next.off = 0;
		if (store_append(st, &s, 0) < 0) {
			rc = -1;
			break;
		}
		done++;
	}
	close(fd);
	if (rc < 0)
		logmsg("%s: damaged after %d new entries", file, done);
	else if (done)
		logmsg("%d entries put in from the journal", done);
	return rc < 0 ? -1 : done;
}

/*
 * Go through the whole journal, which can be long: map it.
 */
int
journal_check(const char *file, int *nbad)
{
	struct jrec r;
	struct sale s;
	int fd, addr, p, len, n = 0;

	*nbad = 0;
	fd = open(file, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	len = lseek(fd, 0, SEEK_END);
	if (len <= 0) {
		close(fd);
		return 0;
	}
	addr = (int)mmap(0, len, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (addr == -1) {
		logmsg("%s: cannot map %d bytes", file, len);
		return -1;
	}
	for (p = addr; p < addr + len; p += JRECLEN + r.len) {
		if (addr + len - p < JRECLEN + sizeof(struct sale)) {
			*nbad = 1;
			break;
		}
		memcpy(&r, (void *)p, JRECLEN);
		memcpy(&s, (void *)(p + JRECLEN), sizeof(struct sale));
		if (r.magic != JMAGIC || r.len != sizeof(struct sale) ||
		    r.sum != (cksum_words(&s, sizeof(struct sale)) ^ r.seq)) {
			*nbad = 1;
			break;
		}
		n++;
	}
	munmap((void *)addr, len);
	return n;
}
