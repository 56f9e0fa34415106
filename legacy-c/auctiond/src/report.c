/*
 * report.c - the nightly statistics
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auction.h"

struct line {
	int	cat;
	u32	count;
	u32	sold;
	long	fees;
	double	sum;
	long	longest;	/* days between two sales of one item */
};

struct month {
	int	ym;		/* year * 12 + month */
	u32	sold;
	double	sum;
	long	fees;
};

/* the best for the house come first */
static int
byfees(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->fees != y->fees)
		return y->fees - x->fees;
	return x->cat - y->cat;
}

static int
bymonth(const void *a, const void *b)
{
	return ((struct month *)a)->ym - ((struct month *)b)->ym;
}

static struct month *
month_of(struct month *m, int *nm, time_t t)
{
	struct tm *tm = localtime(&t);
	int ym = (tm->tm_year + 1900) * 12 + tm->tm_mon;
	int i;

	for (i = 0; i < *nm; i++)
		if (m[i].ym == ym)
			return &m[i];
	if (*nm == 240)
		return &m[239];
	memset(&m[i], 0, sizeof(m[i]));
	m[i].ym = ym;
	(*nm)++;
	return &m[i];
}

static char *
percent(char *buf, u32 part, u32 all)
{
	if (all == 0)
		strcpy(buf, "-");
	else
		sprintf(buf, "%lu%%", part * 100 / all);
	return buf;
}

int
report_write(struct store *st, FILE *out)
{
	struct line lines[MAXCAT], total, *l;
	struct month *months, *m;
	struct sale *base, *s;
	char when[20], pc[12], span[16];
	int i, n, nm = 0;
	long gap;

	base = store_load(st, &n);
	if (base == NULL)
		return -1;
	memset(lines, 0, sizeof(lines));
	memset(&total, 0, sizeof(total));
	months = (struct month *)xmalloc(240 * sizeof(struct month));
	for (i = 0; i < MAXCAT; i++)
		lines[i].cat = i;
	for (i = 0, s = base; i < n; i++, s++) {
		l = &lines[s->category];
		l->count++;
		total.count++;
		if (s->state != ST_SOLD)
			continue;
		l->sold++;
		l->sum += s->price;
		l->fees += sale_fee(s);
		total.sold++;
		total.sum += s->price;
		total.fees += sale_fee(s);
		if (s->next.p) {
			gap = abs(s->closed - s->next.p->closed);
			if (gap > l->longest)
				l->longest = gap;
		}
		m = month_of(months, &nm, s->closed);
		m->sold++;
		m->sum += s->price;
		m->fees += sale_fee(s);
	}
	fprintf(out, "%s\n", conf_str("house") ? conf_str("house") :
	    "Closing prices");
	fprintf(out, "Report of %s\n\n",
	    fmt_date(st->hdr.updated, when));

	qsort(lines, MAXCAT, sizeof(lines[0]), byfees);
	fprintf(out, "%-24s %6s %6s %5s %14s %12s %8s\n", "Category", "Closed",
	    "Sold", "Rate", "Turnover", "Fees", "Gap");
	for (i = 0; i < MAXCAT; i++) {
		l = &lines[i];
		if (l->count == 0)
			continue;
		fprintf(out, "%-24.24s %6u %6u %5s %14s %9d.%02d %8s\n",
		    (char *)category_name(l->cat), l->count, l->sold,
		    percent(pc, l->sold, l->count), money(l->sum),
		    l->fees / 100, l->fees % 100,
		    l->longest ? fmt_span(l->longest, span) : "-");
	}
	fprintf(out, "%-24s %6u %6u %5s %14s %9d.%02d\n\n", "Total", total.count,
	    total.sold, percent(pc, total.sold, total.count),
	    money(total.sum), total.fees / 100, total.fees % 100);

	qsort(months, nm, sizeof(struct month), bymonth);
	fprintf(out, "%-24s %6s %14s %12s\n", "Month", "Sold", "Turnover",
	    "Fees");
	for (i = 0; i < nm; i++) {
		m = &months[i];
		fprintf(out, "%-9s %-14d %6u %14s %9d.%02d\n",
		    (char *)month_name(m->ym % 12), m->ym / 12, m->sold,
		    money(m->sum), m->fees / 100, m->fees % 100);
	}
	free(months);
	free(base);
	return 0;
}
