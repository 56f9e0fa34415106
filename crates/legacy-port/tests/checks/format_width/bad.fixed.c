#include <stdarg.h>
#include <stddef.h>

extern int printf(const char *, ...);
extern int snprintf(char *, size_t, const char *, ...);
extern int vprintf(const char *, va_list);
extern size_t strlen(const char *);
extern void report(int level, const char *fmt, ...); /* in the other unit */

typedef long time_t;
struct entry { /*~ record_layout */
    time_t when;
    char *name;
};

void logmsg(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

void print(struct entry *e, int n, char *buf, char *end)
{
    printf("%zd bytes\n", strlen(buf)); /*~ format_width */
    printf("%5ld %s\n", e->when, e->name); /*~ format_width */
    printf("%x\n", e); /*~ format_width */
    printf("%lu of %ld\n", sizeof *e, end - buf); /*~ format_width format_width */
    printf("%d and " "%lu\n", n, sizeof buf + n); /*~ format_width */
    printf("%-*s|\n", strlen(buf), buf); /*~ format_width */
    printf("%p\n", n); /*~ format_width */
    snprintf(buf, 10, "%ld", e->when); /*~ format_width */
    logmsg("at %ld", e->when); /*~ format_width */
    report(1, "%ld", e->when); /*~ format_width */
}
