/*
 * net.c - sockets, and the client half
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>

#include "net.h"

int
net_listen(int port)
{
	struct sockaddr_in sin;
	int fd, on = 1;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 4);
	memset(&sin, 0, 16);
	sin.sin_family = AF_INET;
	sin.sin_port = htons(port);
	sin.sin_addr.s_addr = htonl(INADDR_ANY);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 ||
	    listen(fd, 16) < 0) {
		logmsg("port %d: %s", port, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

int
net_connect(const char *host, int port)
{
	struct sockaddr_in sin;
	u32 addr;
	int fd;

	addr = inet_addr(host);
	if (addr == NOVALUE) {
		logmsg("%s: give the address in numbers", host);
		return -1;
	}
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	memset(&sin, 0, 16);
	sin.sin_family = AF_INET;
	sin.sin_port = htons(port);
	sin.sin_addr.s_addr = addr;
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0) {
		logmsg("%s port %d: %s", host, port, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int
write_all(int fd, const char *p, int n)
{
	int k;

	while (n > 0) {
		k = write(fd, p, n);
		if (k < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += k;
		n -= k;
	}
	return 0;
}

static int
read_all(int fd, void *buf, int n)
{
	char *p = buf;
	int k, left = n;

	while (left > 0) {
		k = read(fd, p, left);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		p += k;
		left -= k;
	}
	return n;
}

/*
 * Read past the head of an answer, return its status.
 */
static int
read_head(int fd)
{
	char line[256];
	int n = 0, status = 0, first = 1;
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c == '\r')
			continue;
		if (c != '\n') {
			if (n < sizeof(line) - 1)
				line[n++] = c;
			continue;
		}
		line[n] = 0;
		if (first) {
			if (sscanf(line, "HTTP/1.%*d %d", &status) != 1)
				return -1;
			first = 0;
		}
		if (n == 0)
			return status;
		n = 0;
	}
	return -1;
}

/*
 * GET a path, or POST when it has a body behind a blank.
 */
int
net_fetch(const char *host, int port, const char *path, struct text *t)
{
	struct text req;
	char buf[1024], *body;
	int fd, n;

	fd = net_connect(host, port);
	if (fd < 0)
		return -1;
	memset(&req, 0, sizeof(req));
	body = strchr(path, ' ');
	if (body) {
		n = strlen(body + 1);
		text_fmt(&req, "POST %.*s HTTP/1.0\r\nContent-Length: %d\r\n\r\n",
		    (int)(body - path), path, n);
		text_add(&req, body + 1);
	} else
		text_fmt(&req, "GET %s HTTP/1.0\r\n\r\n", path);
	if (write_all(fd, req.buf, req.len) < 0) {
		free(req.buf);
		close(fd);
		return -1;
	}
	free(req.buf);
	while ((n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		buf[n] = 0;
		text_add(t, buf);
	}
	close(fd);
	return n;
}

/*
 * Ask another daemon for all that we have not, and put it in.
 */
int
net_mirror(struct store *st, const char *host, int port)
{
	struct feedhdr h;
	struct sale *v;
	char path[64];
	int fd, i, status, size;

	fd = net_connect(host, port);
	if (fd < 0)
		return -1;
	sprintf(path, "GET /feed?since=%ld HTTP/1.0\r\n\r\n", st->hdr.nrec);
	if (write_all(fd, path, strlen(path)) < 0)
		goto bad;
	status = read_head(fd);
	if (status != 200) {
		logmsg("%s port %d: status %d", host, port, status);
		goto bad;
	}
	if (read_all(fd, &h, sizeof(h)) < 0 || memcmp(h.magic, FEED_MAGIC, 4)) {
		logmsg("%s port %d: not a feed", host, port);
		goto bad;
	}
	if (h.recsize != sizeof(struct sale) || h.count < 0 ||
	    h.count > 1000000) {
		logmsg("%s port %d: %ld records of %ld bytes", host, port,
		    h.count, h.recsize);
		goto bad;
	}
	size = h.count * sizeof(struct sale);
	v = (struct sale *)xmalloc(size + 4);
	if (read_all(fd, v, size) < 0) {
		logmsg("%s port %d: the feed ends early", host, port);
		free(v);
		goto bad;
	}
	if (cksum_words(v, size) != h.sum) {
		logmsg("%s port %d: bad checksum", host, port);
		free(v);
		goto bad;
	}
	close(fd);
	for (i = 0; i < h.count; i++) {
		v[i].next.off = 0;
		if (store_append(st, &v[i], 1) < 0) {
			free(v);
			return -1;
		}
	}
	free(v);
	return i;
bad:
	close(fd);
	return -1;
}
