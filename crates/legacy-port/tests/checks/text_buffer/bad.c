#include <stddef.h>

extern int sprintf(char *to, const char *format, ...);

struct row { /*~ record_layout */
    char key[12];
    long id;
};

void print(struct row *r, long n, unsigned long u, void *p, char *out)
{
    char number[12];
    char hex[9];
    char address[11];
    char both[32];
    sprintf(number, "%ld", n); /*~ text_buffer */
    sprintf(r->key, "%lu\n", u); /*~ text_buffer */
    sprintf(hex, "%08lx", u); /*~ text_buffer */
    sprintf(address, "%p", p); /*~ text_buffer */
    sprintf(both, "%s: %ld (%c)", number, n, 'x'); /*~ text_buffer */
    sprintf(out, "%ld", n);
}
