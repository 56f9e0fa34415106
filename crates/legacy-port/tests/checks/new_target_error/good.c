#include <stddef.h>

#if __SIZEOF_POINTER__ != 8 && __SIZEOF_POINTER__ != 4
#error "no such system"
#endif

int fits[9 - (int)sizeof(void *)];
