/*
 * csv.c - import and export
 *
 *	id,item,category,price,closed,bids,state,seller,title
 *
 * The title is the last one and may have commas.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>

#include "auction.h"

#define NFIELDS		9

static char *statename[] = { "sold", "unsold", "cancelled" };

/*
 * One line into a record, NULL or what is wrong with it.
 */
char *
csv_parse(char *line, struct sale *s)
{
	char *f[NFIELDS];
	char *p = trim(line);
	int i, cat, bids;

	for (i = 0; i < NFIELDS - 1; i++) {
		f[i] = p;
		p = strchr(p, ',');
		if (p == NULL)
			return "too few fields";
		*p++ = 0;
	}
	f[i] = p;
	memset(s, 0, sizeof(*s));
	if (sscanf(f[0], "%d", &s->id) != 1)
		return "id is not a number";
	if (f[1][0] == 0 || strlen(f[1]) >= ITEMLEN)
		return "bad item code";
	strcpy(s->item, f[1]);
	cat = atoi(f[2]);
	if (cat < 0 || cat >= MAXCAT)
		return "bad category";
	s->category = cat;
	if (sscanf(f[3], "%lf", &s->price) != 1 || s->price < 0)
		return "bad price";
	s->closed = parse_date(f[4]);
	if (s->closed == -1)
		return "bad date";
	bids = atoi(f[5]);
	if (bids < 0 || bids > 4095)
		return "bad number of bids";
	s->nbids = bids;
	for (i = 0; i < 3; i++)
		if (strcmp(f[6], statename[i]) == 0)
			break;
	if (i == 3)
		return "bad state";
	s->state = i;
	strncpy(s->seller, f[7], SELLERLEN - 1);
	strncpy(s->title, f[8], TITLELEN - 1);
	return NULL;
}

int
csv_import(struct store *st, const char *file)
{
	FILE *fp;
	char line[512], *err;
	struct sale s;
	int lineno = 0, n = 0;

	fp = fopen(file, "r");
	if (fp == NULL) {
		logmsg("%s: %s", file, strerror(errno));
		return -1;
	}
	while (fgets(line, sizeof(line), fp)) {
		lineno++;
		if (line[0] == '#' || line[0] == '\n' || line[0] == '\r')
			continue;
		err = csv_parse(line, &s);
		if (err) {
			logmsg("%s, line %d: %s", file, lineno, err);
			continue;
		}
		if (store_append(st, &s, 0) < 0) {
			fclose(fp);
			return -1;
		}
		n++;
	}
	fclose(fp);
	return n;
}

/* oldest first, and by number within a second */
static int
bytime(const void *a, const void *b)
{
	struct sale *x = *(struct sale **)a;
	struct sale *y = *(struct sale **)b;

	if (x->closed != y->closed)
		return x->closed - y->closed;
	return x->id - y->id;
}

int
csv_export(struct store *st, FILE *out)
{
	struct sale *base, **v, *s;
	char when[20];
	int i, n;

	base = store_load(st, &n);
	if (base == NULL)
		return -1;
	v = (struct sale **)malloc(n * 4 + 4);
	if (v == NULL)
		die("out of memory");
	for (i = 0; i < n; i++)
		v[i] = base + i;
	qsort(v, n, 4, bytime);
	for (i = 0; i < n; i++) {
		s = v[i];
		fprintf(out, "%d,%s,%d,%.2f,%s,%d,%s,%s,%s\n", s->id, s->item,
		    s->category, s->price,
		    fmt_date(s->closed, when), s->nbids,
		    statename[s->state], s->seller, s->title);
	}
	free(v);
	free(base);
	return n;
}
