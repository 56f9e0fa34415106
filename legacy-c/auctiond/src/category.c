/*
 * category.c - names of the categories
 *
 * File `categories' in the data directory: number, blank, name.
 * Without one they are called after their number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auction.h"

/* bit n: category n has a name, two words of them */
static u32	known[2];
static char	*names[MAXCAT];

int
category_read(const char *dir)
{
	char file[256], line[128];
	char *p, *end;
	FILE *fp;
	int n = 0;
	long c;

	path_join(file, sizeof(file), dir, "categories");
	fp = fopen(file, "r");
	if (fp == NULL)
		return 0;
	while (fgets(line, sizeof(line), fp)) {
		p = trim(line);
		if (*p == 0 || *p == '#')
			continue;
		c = strtol(p, &end, 10);
		if (end == p || c < 0 || c >= MAXCAT)
			continue;
		names[c] = (char *)xstrdup(trim(end));
		known[c >> 5] |= 1UL << (c & 31);
		n++;
	}
	fclose(fp);
	return n;
}

char *
category_name(int c)
{
	static char buf[16];

	if (c >= 0 && c < MAXCAT && (known[c >> 5] & (1UL << (c & 31))))
		return names[c];
	sprintf(buf, "category %d", c);
	return buf;
}

/* how many have no name: bits that are not set */
int
category_unnamed()
{
	u32 free0 = ~known[0], free1 = ~known[1];
	int n = 0;

	while (free0) {
		free0 &= free0 - 1;
		n++;
	}
	while (free1) {
		free1 &= free1 - 1;
		n++;
	}
	return n;
}
