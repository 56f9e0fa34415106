typedef unsigned long u32; /*~ word_typedef */
typedef long int32; /*~ word_typedef */
typedef unsigned long UINT4; /*~ word_typedef */
typedef unsigned long int DWORD; /*~ word_typedef */
#define WORD long
typedef unsigned WORD word32_t; /*~ word_typedef */
