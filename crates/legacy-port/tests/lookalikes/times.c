#include "lib.h"

time_t kept(void)
{
    time_t now = time(0);
    time(&now);
    return now + 3600;
}

int seconds(time_t t)
{
    int s = t % 60;
    return s;
}

int hour(time_t t)
{
    return t / 3600 % 24;
}

int year(const time_t *t)
{
    struct tm *tm = localtime(t);
    return tm->tm_year + 1900;
}

int is_later(time_t a, time_t b)
{
    return a > b && a != (time_t)-1;
}

/* any number will do */
void seeded(void)
{
    srand(time(0));
}

void seeded_by_hand(void)
{
    srand((unsigned)time(0));
}

void seeded_in_two_steps(void)
{
    unsigned seed = time(0) ^ 0x5555; /*! implicit_narrowing */
    srand(seed);
}

double elapsed(time_t a, time_t b)
{
    return difftime(a, b);
}

int milliseconds(const struct timeval *tv)
{
    return tv->tv_usec / 1000;
}

int microseconds(const struct timeval *tv)
{
    int us = tv->tv_usec % 1000;
    return us;
}

int hundredths(void)
{
    struct timeval tv;
    gettimeofday(&tv, 0);
    return tv.tv_usec / 10000 % 100;
}

void a_minute(void)
{
    sleep(60L);
}

int is_over(time_t end)
{
    return time(0) >= end;
}

int shown(time_t t)
{
    return printf("%ld %s\n", (long)t, t ? "set" : "not set");
}

time_t of_parts(struct tm *tm)
{
    tm->tm_isdst = -1;
    return mktime(tm);
}

int a_short_time(time_t begin, time_t end)
{
    time_t took = end - begin;
    if (took < 0 || took > 3600)
        return -1;
    return took;
}

int kept_in_an_int(void)
{
    int now = time(0); /*~ implicit_narrowing */
    return now;
}
