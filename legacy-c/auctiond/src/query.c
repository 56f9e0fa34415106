/*
 * query.c - the questions that the service answers
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>

#include "auction.h"

double	fee_rate;		/* of the price */
long	fee_least;		/* sen */

void
fee_init()
{
	fee_rate = conf_num("feerate") / 10000.0;
	fee_least = conf_num("minfee") * 100;
}

/*
 * What the house gets for a sale, in sen.  Parts of a sen are ours
 * to lose.
 */
long
sale_fee(struct sale *s)
{
	long fee;

	if (s->state != ST_SOLD)
		return 0;
	fee = s->price * fee_rate * 100.0;
	if (fee < fee_least)
		fee = fee_least;
	return fee;
}

/*
 * The newest sale of an item that found a buyer.
 */
struct sale *
query_price(struct store *st, const char *item, struct sale *buf)
{
	long off;

	for (off = index_find(&st->ix, item, st); off > 0; off = buf->next.off) {
		if (store_read(st, off, buf) < 0)
			return NULL;
		if (buf->state == ST_SOLD)
			return buf;
	}
	return NULL;
}

static void
stats_clear(struct stats *sp)
{
	memset(sp, 0, sizeof(*sp));
	sp->lowest = NOVALUE;
	sp->first = sp->last = -1;
}

static int
wanted(struct query *q, struct sale *s)
{
	if (q->category >= 0 && s->category != q->category)
		return 0;
	if (s->closed < q->from)
		return 0;
	if (q->to != -1 && s->closed >= q->to)
		return 0;
	return 1;
}

int
query_stats(struct store *st, struct query *q, struct stats *sp)
{
	struct sale s;
	u32 yen;
	long i;

	stats_clear(sp);
	for (i = 0; i < st->hdr.nrec; i++) {
		if (store_read(st, store_off(i), &s) < 0)
			return -1;
		if (!wanted(q, &s))
			continue;
		sp->count++;
		if (sp->first == -1 || s.closed < sp->first)
			sp->first = s.closed;
		if (s.closed > sp->last)
			sp->last = s.closed;
		if (s.state != ST_SOLD)
			continue;
		yen = s.price;
		sp->sold++;
		sp->sum += s.price;
		sp->sumsq += s.price * s.price;
		sp->fees += sale_fee(&s);
		if (yen < sp->lowest)
			sp->lowest = yen;
		if (yen > sp->highest)
			sp->highest = yen;
	}
	return 0;
}

/* standard deviation of the prices */
double
stats_sigma(struct stats *sp)
{
	double mean, var;

	if (sp->sold < 2)
		return 0;
	mean = sp->sum / sp->sold;
	var = sp->sumsq / sp->sold - mean * mean;
	return var > 0 ? sqrt(var) : 0;
}

struct hit {
	struct sale	*s;
	struct hit	*next;
	int		score;
};

/* how well a title fits: one for each word, two for the beginning */
static int
score(struct sale *s, char **words, int nwords)
{
	int i, n = 0;

	for (i = 0; i < nwords; i++) {
		if (!contains(s->title, words[i]) && !contains(s->item, words[i]))
			return 0;
		n++;
		if (strncasecmp(s->title, words[i], strlen(words[i])) == 0)
			n++;
	}
	return n;
}

static int
byscore(const void *a, const void *b)
{
	struct hit *x = *(struct hit **)a;
	struct hit *y = *(struct hit **)b;
	long d;

	if (x->score != y->score)
		return y->score - x->score;
	d = y->s->closed - x->s->closed;
	if (d == 0)
		d = x->s->id - y->s->id;
	return d;
}

int
query_search(struct store *st, struct query *q, struct text *out)
{
	struct sale *base, *s;
	struct arena *a;
	struct hit *h, *list = NULL, **v;
	char *words[8], *p, when[20];
	int i, n, nwords = 0, nhits = 0, sc;

	base = store_load(st, &n);
	if (base == NULL)
		return -1;
	a = arena_new(4000);
	p = arena_strdup(a, q->words);
	for (p = strtok(p, " +"); p && nwords < 8; p = strtok(NULL, " +"))
		words[nwords++] = p;
	for (i = 0, s = base; i < n; i++, s++) {
		sc = score(s, words, nwords);
		if (sc == 0)
			continue;
		h = (struct hit *)arena_alloc(a, sizeof(struct hit));
		h->s = s;
		h->score = sc;
		h->next = list;
		list = h;
		nhits++;
	}
	v = (struct hit **)arena_alloc(a, (nhits + 1) * 4);
	for (i = 0, h = list; h; h = h->next)
		v[i++] = h;
	qsort(v, nhits, sizeof(v[0]), byscore);
	text_fmt(out, "found %d\n", nhits);
	for (i = 0; i < nhits && i < 50; i++) {
		s = v[i]->s;
		text_fmt(out, "%s %s %s %s%s\n", s->item, money(s->price),
		    fmt_date(s->closed, when), s->title,
		    s->next.p && s->next.p->state == ST_SOLD ?
		    " (sold before)" : "");
	}
	if (conf_num("verbose"))
		logmsg("search \"%s\": %d hits, arena %x, %d bytes", q->words,
		    nhits, a, arena_used(a));
	arena_free(a);
	free(base);
	return nhits;
}
