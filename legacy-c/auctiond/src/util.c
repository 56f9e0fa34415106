/*
 * util.c - small things that everybody needs
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdarg.h>
#include <errno.h>
#include <time.h>

#include "auction.h"

char	*progname = "auctiond";
time_t	clock_set;		/* -T: pretend that it is then */

void
die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", progname);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void
logmsg(const char *fmt, ...)
{
	va_list ap;
	char when[32];
	time_t t = now();

	strftime(when, sizeof(when), "%b %d %H:%M:%S", localtime(&t));
	fprintf(stderr, "%s %s: ", when, progname);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	fflush(stderr);
}

void *
xmalloc(int n)
{
	void *p = malloc(n);

	if (p == NULL)
		die("out of memory (%d bytes)", n);
	return p;
}

char *
xstrdup(const char *s)
{
	int n = strlen(s);
	char *p = xmalloc(n + 1);

	memcpy(p, s, n + 1);
	return p;
}

time_t
now(void)
{
	if (clock_set)
		return clock_set;
	return time(NULL);
}

/*
 * Append strings to dst, the last argument is 0.
 */
char *
strcatv(char *dst, int size, ...)
{
	va_list ap;
	char *s;
	int used = strlen(dst);

	va_start(ap, size);
	while ((s = va_arg(ap, char *)) != 0) {
		int n = strlen(s);

		if (used + n >= size)
			die("name too long: %s%s", dst, s);
		strcpy(dst + used, s);
		used += n;
	}
	va_end(ap);
	return dst;
}

void
path_join(char *dst, int size, const char *dir, const char *file)
{
	dst[0] = 0;
	strcatv(dst, size, dir, "/", file, 0);
}

void
text_add(struct text *t, const char *s)
{
	int n = strlen(s);

	if (t->len + n + 1 > t->size) {
		t->size = (t->len + n + 1) * 2;
		if (t->size < 256)
			t->size = 256;
		t->buf = realloc(t->buf, t->size);
		if (t->buf == NULL)
			die("out of memory (%d bytes)", t->size);
	}
	memcpy(t->buf + t->len, s, n + 1);
	t->len += n;
}

void
text_fmt(struct text *t, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_add(t, line);
}

/*
 * Thousands separators: 1234567 -> 1,234,567.  Yen have no decimals.
 */
char *
money(double v)
{
	static char out[4][20];
	static int turn;
	char digits[16];
	char *p, *q;
	int n;

	turn = (turn + 1) & 3;
	sprintf(digits, "%.0f", v);
	n = strlen(digits);
	q = out[turn];
	for (p = digits; *p; p++) {
		*q++ = *p;
		n--;
		if (n > 0 && n % 3 == 0 && *p != '-')
			*q++ = ',';
	}
	*q = 0;
	return out[turn];
}

/* remove blanks at both ends, in place */
char *
trim(char *s)
{
	char *e;

	while (*s == ' ' || *s == '\t')
		s++;
	e = s + strlen(s);
	while (e > s && (e[-1] == ' ' || e[-1] == '\t' || e[-1] == '\n' || e[-1] == '\r'))
		e--;
	*e = 0;
	return s;
}

/* does hay contain needle, upper and lower case alike? */
int
contains(const char *hay, const char *needle)
{
	int n = strlen(needle);

	if (n == 0)
		return 1;
	for (; *hay; hay++)
		if (strncasecmp(hay, needle, n) == 0)
			return 1;
	return 0;
}
