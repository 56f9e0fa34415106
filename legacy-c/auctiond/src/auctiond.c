/*
 * auctiond - closing prices over HTTP
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <signal.h>
#include <fcntl.h>
#include <errno.h>

#include "net.h"

#define CONFFILE	"/etc/auctiond.conf"
#define DATADIR		"/var/lib/auctiond"

time_t	started;
u32	nrequests;

static struct client	*clients;
static int		nclients;
static struct store	store;
static volatile int	stop, reopen;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		reopen = 1;
	else
		stop = sig;
}

static void
client_close(struct client *c)
{
	close(c->fd);
	if (c->out.buf)
		free(c->out.buf);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

static void
client_accept(int lfd)
{
	struct sockaddr_in sin;
	int fd, i;
	socklen_t len = sizeof(sin);

	fd = accept(lfd, (struct sockaddr *)&sin, &len);
	if (fd < 0)
		return;
	for (i = 0; i < nclients; i++)
		if (clients[i].fd < 0)
			break;
	if (i == nclients || fd >= FD_SETSIZE) {
		logmsg("too many clients");
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	clients[i].fd = fd;
	clients[i].since = now();
	clients[i].addr = sin.sin_addr.s_addr;
}

static void
client_read(struct client *c)
{
	int n;

	n = read(c->fd, c->in + c->got, INBUF - 1 - c->got);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(c);
		return;
	}
	c->got += n;
	http_request(&store, c);
}

static void
client_write(struct client *c)
{
	int n;

	n = write(c->fd, c->out.buf + c->sent, c->out.len - c->sent);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		client_close(c);
		return;
	}
	c->sent += n;
	if (c->sent == c->out.len)
		client_close(c);
}

static void
serve(int lfd)
{
	struct timeval tv;
	fd_set rd, wr;
	struct client *c;
	int i, n, top;
	long idle;

	while (!stop) {
		FD_ZERO(&rd);
		FD_ZERO(&wr);
		FD_SET(lfd, &rd);
		top = lfd;
		for (i = 0; i < nclients; i++) {
			c = &clients[i];
			if (c->fd < 0)
				continue;
			if (c->ready)
				FD_SET(c->fd, &wr);
			else
				FD_SET(c->fd, &rd);
			if (c->fd > top)
				top = c->fd;
		}
		tv.tv_sec = 1;
		tv.tv_usec = 0;
		n = select(top + 1, &rd, &wr, NULL, &tv);
		if (n < 0 && errno != EINTR) {
			logmsg("select: %s", strerror(errno));
			return;
		}
		if (n < 0)
			n = 0;
		for (i = 0; i < nclients; i++) {
			c = &clients[i];
			if (c->fd < 0)
				continue;
			if (n > 0 && FD_ISSET(c->fd, &rd))
				client_read(c);
			else if (n > 0 && FD_ISSET(c->fd, &wr))
				client_write(c);
			else {
				idle = now() - c->since;
				if (idle > conf_num("timeout"))
					client_close(c);
			}
		}
		if (n > 0 && FD_ISSET(lfd, &rd))
			client_accept(lfd);
		if (reopen) {
			reopen = 0;
			category_read(store.dir);
			cache_clear();
			logmsg("read the categories again");
		}
	}
}

static void
write_pid(const char *file)
{
	FILE *fp = fopen(file, "w");

	if (fp == NULL) {
		logmsg("%s: %s", file, strerror(errno));
		return;
	}
	fprintf(fp, "%d\n", getpid());
	fclose(fp);
}

static void
background()
{
	int fd;

	if (fork() != 0)
		_exit(0);
	setsid();
	fd = open("/dev/null", O_RDWR);
	if (fd >= 0) {
		dup2(fd, 0);
		dup2(fd, 1);
	}
}

static void
usage()
{
	fprintf(stderr, "usage: auctiond [-f] [-v] [-c conffile] [-d datadir]"
	    " [-p port] [-T seconds]\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	char *conffile = NULL, *dir = NULL, *port = NULL;
	int ch, i, lfd, foreground = 0, verbose = 0;

	while ((ch = getopt(argc, argv, "c:d:fp:T:v")) != -1) {
		switch (ch) {
		case 'c':
			conffile = optarg;
			break;
		case 'd':
			dir = optarg;
			break;
		case 'f':
			foreground = 1;
			break;
		case 'p':
			port = optarg;
			break;
		case 'T':
			clock_set = atol(optarg);
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			usage();
		}
	}
	if (conffile) {
		if (conf_read(conffile) < 0)
			die("%s: %s", conffile, strerror(errno));
	} else
		conf_read(CONFFILE);
	if (port && conf_set("port", port) < 0)
		exit(1);
	if (verbose)
		conf_set("verbose", "yes");
	if (dir == NULL)
		dir = conf_str("datadir") ? conf_str("datadir") : DATADIR;
	fee_init();
	category_read(dir);
	if (store_open(&store, dir) < 0)
		exit(1);
	lfd = net_listen(conf_num("port"));
	if (lfd < 0)
		exit(1);
	nclients = conf_num("maxclients");
	clients = (struct client *)xmalloc(nclients * sizeof(struct client));
	memset(clients, 0, nclients * sizeof(struct client));
	for (i = 0; i < nclients; i++)
		clients[i].fd = -1;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	signal(SIGHUP, on_signal);
	if (!foreground)
		background();
	if (conf_str("pidfile"))
		write_pid(conf_str("pidfile"));
	started = now();
	logmsg("version %s, %ld records, port %d", AUCTION_VERSION,
	    store.hdr.nrec, conf_num("port"));
	serve(lfd);
	store_close(&store);
	logmsg("stopped by signal %d", stop);
	return 0;
}
