/*
 * auction.h - types and prototypes of the closing price service
 */
#ifndef AUCTION_H
#define AUCTION_H

#include <sys/types.h>
#include <stdio.h>
#include <time.h>

#define AUCTION_VERSION	"3.2"

#define ITEMLEN		20		/* item code, with the NUL */
#define TITLELEN	44
#define SELLERLEN	16
#define MAXCAT		64		/* categories are 0 .. MAXCAT-1 */

#define NOVALUE		0xFFFFFFFF	/* "not set", in counters and offsets */

/*
 * Magic of our files.  The Sparc box keeps its own, in its own byte
 * order: they are not exchanged but by export and import.
 */
#ifdef __i386__
#define STORE_MAGIC	"AUC3"
#define INDEX_MAGIC	"AUX3"
#else
#define STORE_MAGIC	"AUB3"
#define INDEX_MAGIC	"AUY3"
#endif

/* states of a sale */
#define ST_SOLD		0
#define ST_UNSOLD	1
#define ST_CANCELLED	2

typedef unsigned long	u32;		/* a 32 bit word */

/*
 * In the file a link is the position of the record, in memory it is
 * the record.
 */
union link {
	struct sale	*p;
	int		off;
};

/*
 * One closed auction.  This is what is in the record file and what
 * goes over the wire to a mirror.
 */
struct sale {
	long		id;
	double		price;
	time_t		closed;
	union link	next;		/* next older sale of the same item */
	unsigned long	category : 10;
	unsigned long	state : 3;
	unsigned long	nbids : 12;
	unsigned long	flags : 7;
	char		item[ITEMLEN];
	char		title[TITLELEN];
	char		seller[SELLERLEN];
};

/* head of the record file */
struct filehdr {
	char		magic[4];
	u32		version;
	long		nrec;
	long		recsize;
	time_t		created;
	time_t		updated;
	double		turnover;	/* of all sold items */
	u32		sum;		/* checksum of what is above */
};

/* head of the index file, and one slot of it */
struct idxhdr {
	char		magic[4];
	u32		nslots;
	u32		nused;
	u32		spare;
};

struct idxslot {
	u32		hash;
	long		off;		/* newest sale of the item, -1: free */
};

struct index {
	int		fd;
	int		len;		/* bytes mapped */
	struct idxhdr	*hdr;
	struct idxslot	*slot;
};

/* head of a journal entry, the sale follows */
struct jrec {
	u32		magic;
	time_t		when;
	long		seq;		/* number of the record */
	long		len;
	u32		sum;
};

struct store {
	char		*dir;
	FILE		*fp;
	struct filehdr	hdr;
	struct index	ix;
	int		journal;	/* file descriptor, -1: none */
};

/* a memory arena: everything of one request, freed at once */
struct arena {
	char		*base;
	char		*next;
	char		*end;
	struct arena	*more;
};

struct stats {
	u32		count;
	u32		sold;
	u32		lowest;		/* yen */
	u32		highest;
	double		sum;
	double		sumsq;
	long		fees;		/* in sen, 1/100 yen */
	time_t		first;
	time_t		last;
};

/* a query that came in */
struct query {
	char		item[ITEMLEN];
	char		words[80];
	int		category;	/* -1: all */
	time_t		from;
	time_t		to;
	long		since;
};

/* text that grows */
struct text {
	char		*buf;
	int		len;
	int		size;
};

/* arena.c */
struct arena *arena_new(int size);
void *arena_alloc(struct arena *a, int n);
char *arena_strdup(struct arena *a, const char *s);
void arena_free(struct arena *a);
int arena_used(struct arena *a);

/* cksum.c */
u32 cksum_words(const void *buf, int nbytes);
u32 cksum_adler(const void *buf, int nbytes);

/* conf.c */
int conf_read(const char *file);
int conf_set(const char *name, const char *value);
int conf_num(const char *name);
char *conf_str(const char *name);
void conf_print(FILE *fp);

/* csv.c */
int csv_import(struct store *st, const char *file);
int csv_export(struct store *st, FILE *out);

/* datefmt.c */
time_t parse_date();
time_t addmonths();
char *fmt_date();
char *fmt_span();

/* hash.c */
u32 hash_item(const char *s);

/* http.c */
struct client;
void http_request(struct store *st, struct client *c);

/* index.c */
int index_create(const char *file, u32 nslots);
int index_open(struct index *ix, const char *file);
void index_close(struct index *ix);
long index_find(struct index *ix, const char *item, struct store *st);
int index_put(struct index *ix, const char *item, long off, struct store *st);

/* journal.c */
int journal_open(const char *file);
int journal_append(int fd, struct sale *s, long seq);
int journal_replay(struct store *st, const char *file);
int journal_check(const char *file, int *nbad);

/* query.c */
struct sale *query_price(struct store *st, const char *item, struct sale *buf);
int query_stats(struct store *st, struct query *q, struct stats *sp);
int query_search(struct store *st, struct query *q, struct text *out);
long sale_fee(struct sale *s);

/* report.c */
int report_write(struct store *st, FILE *out);

/* store.c */
int store_create(const char *dir);
int store_open(struct store *st, const char *dir);
void store_close(struct store *st);
int store_read(struct store *st, long off, struct sale *s);
int store_append(struct store *st, struct sale *s, int journal);
struct sale *store_load(struct store *st, int *n);
int store_check(struct store *st, FILE *out);
int store_dump(struct store *st, FILE *out);
long store_off(long n);

/* util.c */
extern char *progname;
extern time_t clock_set;
void die(const char *fmt, ...);
void logmsg(const char *fmt, ...);
void *xmalloc(int n);
time_t now(void);
char *strcatv(char *dst, int size, ...);
void text_add(struct text *t, const char *s);
void text_fmt(struct text *t, const char *fmt, ...);
void path_join(char *dst, int size, const char *dir, const char *file);
char *money(double v);
char *trim(char *s);
int contains(const char *hay, const char *needle);

#endif
