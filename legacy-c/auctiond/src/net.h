/*
 * net.h - clients of the service, and what a mirror is sent
 */
#ifndef NET_H
#define NET_H

#include <time.h>
#include "auction.h"

#define INBUF		4096

struct client {
	int		fd;		/* -1: free */
	time_t		since;
	u32		addr;
	int		got;		/* bytes in in[] */
	int		sent;		/* bytes of out that are away */
	struct text	out;
	int		ready;		/* the answer is complete */
	char		in[INBUF];
};

/* head of an answer to /feed, count sales follow */
struct feedhdr {
	char		magic[4];
	long		count;
	long		recsize;
	time_t		when;
	u32		sum;		/* over the sales */
};

#define FEED_MAGIC	"AUF1"

int net_listen(int port);
int net_connect(const char *host, int port);
int net_fetch(const char *host, int port, const char *path, struct text *t);
int net_mirror(struct store *st, const char *host, int port);

#endif
