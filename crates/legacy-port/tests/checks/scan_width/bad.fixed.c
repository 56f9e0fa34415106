#include <stddef.h>

extern int sscanf(const char *, const char *, ...);
extern int scanf(const char *, ...);

typedef long time_t;
struct query { /*~ record_layout */
    time_t from;
    int count;
    size_t length;
};

int parse(const char *s, struct query *q, long v[2], int *n)
{
    time_t t;
    scanf("%ld", &t); /*~ scan_width */
    sscanf(s, "%ld %d", &q->from, &q->count); /*~ scan_width scan_width */
    sscanf(s, "%*d %[a-z] %zu", s, &q->length); /*~ scan_width */
    return sscanf(s, "%ld %d", &v[1], n); /*~ scan_width scan_width */
}
