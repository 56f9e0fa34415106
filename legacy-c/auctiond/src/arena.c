/*
 * arena.c - memory for one request
 *
 * Blocks are handed out from a big piece, rounded up to whole words,
 * and all of them are freed together when the request is done.
 */
#include <stdlib.h>
#include <string.h>

#include "auction.h"

#define ALIGN(p)	((char *)(((unsigned long)(p) + 3) & 0xFFFFFFFC))

struct arena *
arena_new(int size)
{
	struct arena *a;

	a = (struct arena *)xmalloc(sizeof(struct arena) + size);
	a->base = (char *)(a + 1);
	a->next = a->base;
	a->end = a->base + size;
	a->more = NULL;
	return a;
}

void *
arena_alloc(struct arena *a, int n)
{
	char *p;
	struct arena *m;
	int size;

	for (;;) {
		p = ALIGN(a->next);
		if ((int)(a->end - p) >= n)
			break;
		if (a->more == NULL) {
			size = a->end - a->base;
			if (size < n + 4)
				size = n + 4;
			m = arena_new(size);
			a->more = m;
		}
		a = a->more;
	}
	a->next = p + n;
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	int n = strlen(s) + 1;

	return memcpy(arena_alloc(a, n), s, n);
}

int
arena_used(struct arena *a)
{
	int n = 0;

	for (; a; a = a->more)
		n += (int)a->next - (int)a->base;
	return n;
}

void
arena_free(struct arena *a)
{
	struct arena *m;

	while (a) {
		m = a->more;
		free(a);
		a = m;
	}
}
