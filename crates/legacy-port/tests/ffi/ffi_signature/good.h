#include <stdint.h>

struct store;

int set_clock(int64_t t);
char *name(struct store *s, int n);
void each(int (*f)(void *, int32_t), void *with);
int log_message(const char *format, ...);
