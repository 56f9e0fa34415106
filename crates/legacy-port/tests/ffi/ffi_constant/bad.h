#ifdef __i386__
#define MAGIC "AUC3" /*~ ffi_constant */
#else
#define MAGIC "AUB3"
#endif

enum { WORD = sizeof(long), HALF = WORD / 2 }; /*~ ffi_constant ffi_constant */

#if __SIZEOF_POINTER__ == 8
#define WIDE 1 /*~ ffi_constant */
#endif

int open_store(const char *magic);
