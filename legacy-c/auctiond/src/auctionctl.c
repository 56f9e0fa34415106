/*
 * auctionctl - the record file by hand, and from cron
 */
#include <sys/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>

#include "net.h"

#define CONFFILE	"/etc/auctiond.conf"
#define DATADIR		"/var/lib/auctiond"

time_t	started;
u32	nrequests;

static struct store store;
static char *dir;

static void
need_store()
{
	if (store_open(&store, dir) < 0)
		exit(1);
}

static int
cmd_import(int argc, char **argv)
{
	char file[256];
	int i, n, total = 0;

	path_join(file, sizeof(file), dir, "sales.dat");
	if (access(file, F_OK) != 0 && store_create(dir) < 0)
		return 1;
	need_store();
	for (i = 0; i < argc; i++) {
		n = csv_import(&store, argv[i]);
		if (n < 0)
			return 1;
		total += n;
	}
	printf("%d records imported, %ld in all\n", total, store.hdr.nrec);
	return 0;
}

static int
cmd_export()
{
	need_store();
	return csv_export(&store, stdout) < 0;
}

static int
cmd_report()
{
	need_store();
	category_read(dir);
	return report_write(&store, stdout) < 0;
}

static int
cmd_check()
{
	need_store();
	return store_check(&store, stdout) != 0;
}

static int
cmd_dump()
{
	need_store();
	return store_dump(&store, stdout) < 0;
}

static int
cmd_conf()
{
	conf_print(stdout);
	return 0;
}

static int
cmd_fetch(int argc, char **argv)
{
	struct text t;
	int i;

	for (i = 0; i < argc; i++) {
		memset(&t, 0, sizeof(t));
		if (net_fetch("127.0.0.1", conf_num("port"), argv[i], &t) < 0 ||
		    t.len == 0)
			return 1;
		fputs(t.buf, stdout);
		if (strncmp(t.buf, "HTTP/1.0 2", 10) != 0)
			return 1;
		free(t.buf);
	}
	return 0;
}

static int
cmd_mirror(int argc, char **argv)
{
	char file[256];
	int n;

	if (argc != 2) {
		fprintf(stderr, "mirror ADDRESS PORT\n");
		return 2;
	}
	path_join(file, sizeof(file), dir, "sales.dat");
	if (access(file, F_OK) != 0 && store_create(dir) < 0)
		return 1;
	need_store();
	n = net_mirror(&store, argv[0], atoi(argv[1]));
	if (n < 0)
		return 1;
	printf("%d records\n", n);
	return 0;
}

static struct {
	char	*name;
	int	(*func)();
	char	*help;
} cmds[] = {
	{ "import",	cmd_import,	"FILE...	put in sales from CSV" },
	{ "export",	cmd_export,	"	all sales as CSV" },
	{ "report",	cmd_report,	"	the nightly statistics" },
	{ "check",	cmd_check,	"	verify the record file" },
	{ "dump",	cmd_dump,	"	the records as they are" },
	{ "conf",	cmd_conf,	"	the settings in force" },
	{ "fetch",	cmd_fetch,	"PATH...	ask the daemon" },
	{ "mirror",	cmd_mirror,	"ADDR PORT	get what is new elsewhere" },
	{ NULL }
};

static void
usage()
{
	int i;

	fprintf(stderr, "usage: auctionctl [-c conffile] [-d datadir]"
	    " [-p port] [-T seconds] command\n");
	for (i = 0; cmds[i].name; i++)
		fprintf(stderr, "  %-8s %s\n", cmds[i].name, cmds[i].help);
	exit(2);
}

int
main(int argc, char **argv)
{
	char *conffile = NULL;
	int ch, i, rc;

	progname = "auctionctl";
	while ((ch = getopt(argc, argv, "+c:d:p:T:")) != -1) {
		switch (ch) {
		case 'c':
			conffile = optarg;
			break;
		case 'd':
			dir = optarg;
			break;
		case 'p':
			if (conf_set("port", optarg) < 0)
				exit(1);
			break;
		case 'T':
			clock_set = atol(optarg);
			break;
		default:
			usage();
		}
	}
	if (optind >= argc)
		usage();
	if (conffile) {
		if (conf_read(conffile) < 0)
			die("%s: %s", conffile, strerror(errno));
	} else
		conf_read(CONFFILE);
	if (dir == NULL)
		dir = conf_str("datadir") ? conf_str("datadir") : DATADIR;
	fee_init();
	for (i = 0; cmds[i].name; i++)
		if (strcmp(cmds[i].name, argv[optind]) == 0)
			break;
	if (cmds[i].name == NULL)
		usage();
	rc = (*cmds[i].func)(argc - optind - 1, argv + optind + 1);
	store_close(&store);
	return rc;
}
