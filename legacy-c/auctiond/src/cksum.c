/*
 * cksum.c - checksums
 *
 * cksum_words is for the journal, where every entry is summed before
 * the answer goes out: hand coded, it was a fifth of the time of an
 * append on the old machine.  cksum_adler is for the heads of files.
 */
#include "auction.h"

u32
cksum_words(const void *buf, int nbytes)
{
	const void *p = buf;
	int n = nbytes / 4;
	u32 sum;

	if (n <= 0)
		return 0;
	__asm__ __volatile__(
		"movl	%1, %%esi\n\t"
		"movl	%2, %%ecx\n\t"
		"movl	$0x41554331, %%eax\n"
		"1:\n\t"
		"roll	$3, %%eax\n\t"
		"xorl	(%%esi), %%eax\n\t"
		"addl	%%ecx, %%eax\n\t"
		"addl	$4, %%esi\n\t"
		"decl	%%ecx\n\t"
		"jnz	1b\n\t"
		"movl	%%eax, %0"
		: "=m" (sum)
		: "m" (p), "m" (n)
		: "eax", "ecx", "esi", "cc", "memory");
	return sum;
}

/*
 * Like the checksum of zlib, without its modulus: the sums just run
 * over.
 */
u32
cksum_adler(const void *buf, int nbytes)
{
	const unsigned char *p = buf;
	u32 a = 1, b = 0;
	int i;

	for (i = 0; i < nbytes; i++) {
		a = a * 33 + p[i];
		b = b + a;
	}
	return (b << 16) ^ (b >> 16) ^ a;
}
