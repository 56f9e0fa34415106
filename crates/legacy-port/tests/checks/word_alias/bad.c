#include <stddef.h>

typedef unsigned long bits; /*~ word_alias */
typedef long fixed; /*~ word_alias */
typedef bits mask; /*~ word_alias */

#define QUAD long /*~ word_alias */
#define MASK unsigned long /*~ word_alias */

struct state {  /*~ record_layout */
    QUAD tics;
    int frame;
};

QUAD add(QUAD a, MASK *b)
{
    return a + *b;
}
