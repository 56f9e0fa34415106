/* Compiled with the library: a record that moves does not compile. */
#include "auctiond_lock.h"
