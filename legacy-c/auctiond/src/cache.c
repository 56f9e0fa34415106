/*
 * cache.c - answers that were given lately
 *
 * Most of the load are the same few hundred items.  An answer is kept
 * under its path until something is written to the record file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auction.h"

#define NBUCKETS	64
#define MAXBYTES	262144

struct answer {
	struct answer	*next;
	u32		hash;
	int		len;		/* of the text */
	u32		hits;
	char		*path;
	char		text[1];	/* and more */
};

static struct answer	*bucket[NBUCKETS];
static int		bytes;
static u32		nhits, nmisses;

char *
cache_get(const char *path, int *len)
{
	u32 h = hash_item(path);
	struct answer *a;

	for (a = bucket[h % NBUCKETS]; a; a = a->next)
		if (a->hash == h && strcmp(a->path, path) == 0) {
			a->hits++;
			nhits++;
			*len = a->len;
			return a->text;
		}
	nmisses++;
	return NULL;
}

void
cache_clear()
{
	struct answer *a, *next;
	int i;

	for (i = 0; i < NBUCKETS; i++) {
		for (a = bucket[i]; a; a = next) {
			next = a->next;
			free(a->path);
			free(a);
		}
		bucket[i] = NULL;
	}
	bytes = 0;
}

void
cache_put(const char *path, const char *text, int len)
{
	u32 h = hash_item(path);
	struct answer *a;

	if (len > MAXBYTES / 8)
		return;
	if (bytes + len > MAXBYTES)
		cache_clear();
	/* 20: what is before the text */
	a = (struct answer *)malloc(20 + len + 1);
	if (a == NULL)
		return;
	a->hash = h;
	a->len = len;
	a->hits = 0;
	a->path = (char *)xstrdup(path);
	memcpy(a->text, text, len);
	a->text[len] = 0;
	a->next = bucket[h % NBUCKETS];
	bucket[h % NBUCKETS] = a;
	bytes += 20 + len + 1;
}

void
cache_text(struct text *t)
{
	text_fmt(t, "cache: %d bytes, %lu hits, %lu misses\n", bytes, nhits,
	    nmisses);
}
