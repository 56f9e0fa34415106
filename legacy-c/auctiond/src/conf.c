/*
 * conf.c - the configuration file
 *
 *	# comment
 *	name = value
 *
 * Every setting has a line in the table below.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auction.h"

#define C_NUM	0
#define C_STR	1
#define C_BOOL	2

static struct confent {
	char	*name;
	int	kind;
	int	value;		/* number, or the string */
	int	min, max;
} conftab[] = {
	{ "port",	C_NUM,	8080,	1,	65535 },
	{ "maxclients",	C_NUM,	32,	1,	200 },
	{ "timeout",	C_NUM,	30,	1,	3600 },
	{ "slots",	C_NUM,	1021,	7,	1000003 },
	{ "feerate",	C_NUM,	525,	0,	10000 },	/* 1/100 % */
	{ "minfee",	C_NUM,	0,	0,	1000000 },
	{ "datadir",	C_STR,	0 },
	{ "house",	C_STR,	0 },
	{ "pidfile",	C_STR,	0 },
	{ "journal",	C_BOOL,	1,	0,	1 },
	{ "verbose",	C_BOOL,	0,	0,	1 },
	{ NULL }
};

static struct confent *
conf_find(const char *name)
{
	struct confent *e;

	for (e = conftab; e->name; e++)
		if (strcmp(e->name, name) == 0)
			return e;
	return NULL;
}

int
conf_set(const char *name, const char *value)
{
	struct confent *e = conf_find(name);
	char *end;
	long n;

	if (e == NULL) {
		logmsg("unknown setting %s", name);
		return -1;
	}
	switch (e->kind) {
	case C_NUM:
		n = strtol(value, &end, 10);
		if (end == value || *end || n < e->min || n > e->max) {
			logmsg("%s: %s is not a number from %d to %d",
			    name, value, e->min, e->max);
			return -1;
		}
		e->value = n;
		break;
	case C_BOOL:
		if (strcasecmp(value, "yes") == 0 || strcmp(value, "1") == 0)
			e->value = 1;
		else if (strcasecmp(value, "no") == 0 || strcmp(value, "0") == 0)
			e->value = 0;
		else {
			logmsg("%s: yes or no, not %s", name, value);
			return -1;
		}
		break;
	case C_STR:
		if (e->value)
			free((void *)e->value);
		e->value = (int)xstrdup(value);
		break;
	}
	return 0;
}

int
conf_read(const char *file)
{
	FILE *fp;
	char line[256];
	char *name, *value;
	int lineno = 0, bad = 0;

	fp = fopen(file, "r");
	if (fp == NULL)
		return -1;
	while (fgets(line, sizeof(line), fp)) {
		lineno++;
		name = trim(line);
		if (*name == 0 || *name == '#')
			continue;
		value = strchr(name, '=');
		if (value == NULL) {
			logmsg("%s, line %d: no value", file, lineno);
			bad++;
			continue;
		}
		*value++ = 0;
		if (conf_set(trim(name), trim(value)) < 0) {
			logmsg("%s, line %d: ignored", file, lineno);
			bad++;
		}
	}
	fclose(fp);
	return bad;
}

int
conf_num(const char *name)
{
	struct confent *e = conf_find(name);

	if (e == NULL)
		die("no setting %s", name);
	return e->value;
}

char *
conf_str(const char *name)
{
	struct confent *e = conf_find(name);

	if (e == NULL || e->kind != C_STR)
		die("no text setting %s", name);
	return (char *)e->value;
}

void
conf_print(FILE *fp)
{
	struct confent *e;

	for (e = conftab; e->name; e++) {
		if (e->kind == C_STR)
			fprintf(fp, "%-12s %s\n", e->name,
			    e->value ? (char *)e->value : "-");
		else
			fprintf(fp, "%-12s %d\n", e->name, e->value);
	}
}
