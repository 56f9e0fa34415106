/*
 * hash.c - hash of an item code
 */
#include "auction.h"

#define ROTL(x, n)	(((x) << (n)) | ((x) >> (32 - (n))))

u32
hash_item(const char *s)
{
	u32 h = 0x9e3779b9;

	while (*s) {
		h = ROTL(h, 5) ^ (unsigned char)*s++;
		h = h * 2654435761U;
	}
	h ^= ROTL(h, 15);
	return h;
}
