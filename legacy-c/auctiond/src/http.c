/*
 * http.c - one request, one answer
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"

extern time_t	started;
extern u32	nrequests;

static struct {
	int	status;
	char	*text;
} statuses[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 400, "Bad Request" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 413, "Request Entity Too Large" },
	{ 500, "Internal Server Error" },
	{ 0 }
};

static char *
status_text(int status)
{
	int i;

	for (i = 0; statuses[i].status; i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "?";
}

/*
 * The head, and the body behind it.  The tag of an answer is the hash
 * of its text.
 */
static void
answer(struct client *c, int status, const char *type, const char *body, int len)
{
	char etag[9], num[12];
	struct text *t = &c->out;
	u32 h;

	h = hash_item(body);
	sprintf(etag, "%08lx", h);
	sprintf(num, "%d", len);
	text_fmt(t, "HTTP/1.0 %d %s\r\n", status, status_text(status));
	text_fmt(t, "Server: auctiond/%s\r\n", AUCTION_VERSION);
	text_fmt(t, "Content-Type: %s\r\n", type);
	text_fmt(t, "Content-Length: %s\r\n", num);
	if (status == 200)
		text_fmt(t, "ETag: \"%s\"\r\n", etag);
	text_add(t, "Connection: close\r\n\r\n");
	text_add(t, body);
	c->ready = 1;
}

static void
failure(struct client *c, int status, const char *why)
{
	char body[128];

	sprintf(body, "error: %.100s\n", why);
	answer(c, status, "text/plain", body, strlen(body));
}

static int
hexdigit(int ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return -1;
}

/*
 * Value of one parameter into buf, %xx and + undone.  0: not there.
 */
static int
param(const char *query, const char *name, char *buf, int size)
{
	int n = strlen(name), i = 0;
	const char *p = query;

	while (p && *p) {
		if (strncmp(p, name, n) == 0 && p[n] == '=') {
			p += n + 1;
			while (*p && *p != '&' && i < size - 1) {
				if (*p == '%' && hexdigit(p[1]) >= 0 &&
				    hexdigit(p[2]) >= 0) {
					buf[i++] = hexdigit(p[1]) * 16 +
					    hexdigit(p[2]);
					p += 3;
				} else if (*p == '+') {
					buf[i++] = ' ';
					p++;
				} else
					buf[i++] = *p++;
			}
			buf[i] = 0;
			return 1;
		}
		p = strchr(p, '&');
		if (p)
			p++;
	}
	return 0;
}

/* seconds since 1970, or a date */
static int
time_param(const char *query, const char *name, time_t *t)
{
	char v[32];

	if (!param(query, name, v, sizeof(v)))
		return 0;
	if (strchr(v, '-')) {
		*t = parse_date(v);
		return *t == -1 ? -1 : 1;
	}
	return sscanf(v, "%d", t) == 1 ? 1 : -1;
}

static void
do_health(struct store *st, struct client *c)
{
	struct text t;
	char up[16];

	memset(&t, 0, sizeof(t));
	text_fmt(&t, "ok\n");
	text_fmt(&t, "records: %d\n", st->hdr.nrec);
	text_fmt(&t, "items: %u\n", st->ix.hdr->nused);
	text_fmt(&t, "up: %s\n", fmt_span(now() - started, up));
	text_fmt(&t, "requests: %u\n", nrequests);
	cache_text(&t);
	answer(c, 200, "text/plain", t.buf, t.len);
	free(t.buf);
}

static int
do_price(struct store *st, struct client *c, const char *query, struct text *t)
{
	struct sale s;
	char item[ITEMLEN], when[20], age[16];

	if (!param(query, "item", item, sizeof(item)) || !item[0]) {
		failure(c, 400, "which item?");
		return -1;
	}
	if (query_price(st, item, &s) == NULL) {
		failure(c, 404, "no sale of this item");
		return -1;
	}
	text_fmt(t, "item: %s\n", s.item);
	text_fmt(t, "title: %s\n", s.title);
	text_fmt(t, "category: %s\n", (char *)category_name(s.category));
	text_fmt(t, "price: %s\n", money(s.price));
	text_fmt(t, "bids: %d\n", s.nbids);
	text_fmt(t, "closed: %s\n", fmt_date(s.closed, when));
	text_fmt(t, "age: %s\n",
	    fmt_span(abs(now() - s.closed), age));
	return 0;
}

static int
do_stats(struct store *st, struct client *c, const char *query, struct text *t)
{
	extern double stats_sigma();
	struct query q;
	struct stats sp;
	char v[16], num[12], when[20];

	memset(&q, 0, sizeof(q));
	q.category = -1;
	q.to = -1;
	if (param(query, "category", v, sizeof(v)))
		q.category = atoi(v);
	if (time_param(query, "to", &q.to) < 0) {
		failure(c, 400, "bad date in to");
		return -1;
	}
	switch (time_param(query, "from", &q.from)) {
	case -1:
		failure(c, 400, "bad date in from");
		return -1;
	case 0:			/* the last half year */
		q.from = addmonths(now(), -6);
		break;
	}
	if (query_stats(st, &q, &sp) < 0) {
		failure(c, 500, "cannot read the records");
		return -1;
	}
	text_fmt(t, "closed: %lu\n", sp.count);
	text_fmt(t, "sold: %lu\n", sp.sold);
	if (sp.lowest == NOVALUE)
		strcpy(num, "-");
	else
		sprintf(num, "%lu", sp.lowest);
	text_fmt(t, "lowest: %s\n", num);
	sprintf(num, "%lu", sp.highest);
	text_fmt(t, "highest: %s\n", num);
	text_fmt(t, "turnover: %s\n", money(sp.sum));
	text_fmt(t, "sigma: %.1f\n", stats_sigma(&sp));
	sprintf(num, "%ld.%02ld", sp.fees / 100, sp.fees % 100);
	text_fmt(t, "fees: %s\n", num);
	if (sp.count) {
		text_fmt(t, "first: %s\n", fmt_date(sp.first, when));
		text_fmt(t, "last: %s\n", fmt_date(sp.last, when));
	}
	return 0;
}

static int
do_search(struct store *st, struct client *c, const char *query, struct text *t)
{
	struct query q;

	memset(&q, 0, sizeof(q));
	if (!param(query, "q", q.words, sizeof(q.words)) || !q.words[0]) {
		failure(c, 400, "search for what?");
		return -1;
	}
	if (query_search(st, &q, t) < 0) {
		failure(c, 500, "cannot read the records");
		return -1;
	}
	return 0;
}

/*
 * Raw records for a mirror.  This does not go through answer(), which
 * wants text.
 */
static void
do_feed(struct store *st, struct client *c, const char *query)
{
	struct feedhdr h;
	struct text *t = &c->out;
	struct sale *v;
	char buf[16];
	long since = 0;
	int i, n, bytes;

	if (param(query, "since", buf, sizeof(buf)))
		sscanf(buf, "%d", &since);
	if (since < 0 || since > st->hdr.nrec) {
		failure(c, 400, "no such record");
		return;
	}
	n = st->hdr.nrec - since;
	bytes = n * sizeof(struct sale);
	v = (struct sale *)xmalloc(bytes + 4);
	for (i = 0; i < n; i++)
		if (store_read(st, store_off(since + i), &v[i]) < 0) {
			free(v);
			failure(c, 500, "cannot read the records");
			return;
		}
	memcpy(h.magic, FEED_MAGIC, 4);
	h.count = n;
	h.recsize = sizeof(struct sale);
	h.when = now();
	h.sum = cksum_words(v, bytes);
	text_fmt(t, "HTTP/1.0 200 OK\r\nServer: auctiond/%s\r\n"
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Length: %d\r\nConnection: close\r\n\r\n",
	    AUCTION_VERSION, sizeof(h) + bytes);
	t->buf = realloc(t->buf, t->len + sizeof(h) + bytes + 1);
	if (t->buf == NULL)
		die("out of memory");
	memcpy(t->buf + t->len, &h, sizeof(h));
	memcpy(t->buf + t->len + sizeof(h), v, bytes);
	t->len += sizeof(h) + bytes;
	t->size = t->len + 1;
	c->ready = 1;
	free(v);
}

/*
 * A sale that closed just now: one line of CSV in the body.
 */
static void
do_bid_result(struct store *st, struct client *c, char *body)
{
	struct sale s;
	char *err, text[64];

	err = (char *)csv_parse(body, &s);
	if (err) {
		failure(c, 400, err);
		return;
	}
	if (store_append(st, &s, 1) < 0) {
		failure(c, 500, "cannot write");
		return;
	}
	cache_clear();
	sprintf(text, "record: %ld\nfee: %ld\n", st->hdr.nrec - 1, sale_fee(&s));
	answer(c, 201, "text/plain", text, strlen(text));
}

/*
 * Is there a whole request in c->in?  Then make the answer.
 */
void
http_request(struct store *st, struct client *c)
{
	char method[8], path[512], full[512];
	char *end, *body, *query, *p, *cached;
	struct text t;
	int len = 0, clen, rc;

	c->in[c->got] = 0;
	end = strstr(c->in, "\r\n\r\n");
	if (end)
		body = end + 4;
	else {
		end = strstr(c->in, "\n\n");
		if (end == NULL) {
			if (c->got >= INBUF - 1)
				failure(c, 413, "head too long");
			return;
		}
		body = end + 2;
	}
	p = (char *)strcasestr(c->in, "\nContent-Length:");
	if (p && p < body)
		len = atoi(p + 16);
	if (len < 0 || len > INBUF - 1 - (body - c->in)) {
		failure(c, 413, "body too long");
		return;
	}
	if (c->got < (int)body - (int)c->in + len)
		return;			/* there is more to come */
	if (sscanf(c->in, "%7s %511s", method, path) != 2) {
		failure(c, 400, "what?");
		return;
	}
	nrequests++;
	if (conf_num("verbose"))
		logmsg("%08lx %s %s", ntohl(c->addr), method, path);
	strcpy(full, path);
	query = strchr(path, '?');
	if (query)
		*query++ = 0;
	else
		query = "";
	if (strcmp(path, "/bid-result") == 0) {
		if (strcmp(method, "POST") != 0) {
			failure(c, 405, "POST one line of CSV");
			return;
		}
		body[len] = 0;
		do_bid_result(st, c, body);
		return;
	}
	if (strcmp(method, "GET") != 0) {
		failure(c, 405, "only GET");
		return;
	}
	if (strcmp(path, "/health") == 0) {
		do_health(st, c);
		return;
	}
	if (strcmp(path, "/feed") == 0) {
		do_feed(st, c, query);
		return;
	}
	cached = (char *)cache_get(full, &clen);
	if (cached) {
		answer(c, 200, "text/plain", cached, clen);
		return;
	}
	memset(&t, 0, sizeof(t));
	if (strcmp(path, "/price") == 0)
		rc = do_price(st, c, query, &t);
	else if (strcmp(path, "/stats") == 0)
		rc = do_stats(st, c, query, &t);
	else if (strcmp(path, "/search") == 0)
		rc = do_search(st, c, query, &t);
	else {
		failure(c, 404, "no such page");
		return;
	}
	if (rc == 0) {
		cache_put(full, t.buf, t.len);
		answer(c, 200, "text/plain", t.buf, t.len);
	}
	if (t.buf)
		free(t.buf);
}
