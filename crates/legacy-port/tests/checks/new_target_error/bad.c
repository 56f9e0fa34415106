#include <stddef.h>

#if __SIZEOF_POINTER__ == 8
#error "no 64 bit" /*~ new_target_error */
#endif

int fits[5 - (int)sizeof(void *)]; /*~ new_target_error */
