/*
 * datefmt.c - dates and times as text
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

static char *months[] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December"
};

/*
 * 2003-07-14, 2003-07-14 21:05 or 2003-07-14T21:05:33, local time.
 * Returns -1 when it is none of these.
 */
time_t
parse_date(s)
	char *s;
{
	struct tm tm;
	int n, y, m, d, hh = 0, mm = 0, ss = 0;
	char sep;

	n = sscanf(s, "%d-%d-%d%c%d:%d:%d", &y, &m, &d, &sep, &hh, &mm, &ss);
	if (n != 3 && n < 6)
		return -1;
	if (y < 1970 || m < 1 || m > 12 || d < 1 || d > 31)
		return -1;
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = y - 1900;
	tm.tm_mon = m - 1;
	tm.tm_mday = d;
	tm.tm_hour = hh;
	tm.tm_min = mm;
	tm.tm_sec = ss;
	tm.tm_isdst = -1;
	return mktime(&tm);
}

/*
 * The same day and time n months later, or earlier for n < 0.
 */
time_t
addmonths(t, n)
	time_t t;
	long n;
{
	struct tm tm;

	tm = *localtime(&t);
	n += tm.tm_year * 12 + tm.tm_mon;
	tm.tm_year = n / 12;
	tm.tm_mon = n % 12;
	tm.tm_isdst = -1;
	return mktime(&tm);
}

char *
fmt_date(t, buf)
	time_t t;
	char *buf;
{
	strftime(buf, 20, "%Y-%m-%d %H:%M:%S", localtime(&t));
	return buf;
}

char *
month_name(m)
	int m;
{
	if (m < 0 || m > 11)
		return "?";
	return months[m];
}

/* seconds as 3d04h, 5h12m or 40s */
char *
fmt_span(secs, buf)
	long secs;
	char *buf;
{
	if (secs >= 86400)
		sprintf(buf, "%ldd%02ldh", secs / 86400, secs % 86400 / 3600);
	else if (secs >= 3600)
		sprintf(buf, "%ldh%02ldm", secs / 3600, secs % 3600 / 60);
	else
		sprintf(buf, "%lds", secs);
	return buf;
}
