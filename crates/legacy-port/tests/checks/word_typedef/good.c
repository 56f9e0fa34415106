#include <stdint.h>

/* what the name says, on both */
typedef unsigned int u32;
typedef int32_t INT32;
typedef u32 DWORD;
typedef unsigned long long u64;

/* names that say nothing of the kind */
typedef unsigned long ulong, size_type; /*~ word_alias */
typedef long number; /*~ word_alias */
