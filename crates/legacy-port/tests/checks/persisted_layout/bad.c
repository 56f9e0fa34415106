#include <stddef.h>

typedef struct file FILE;
typedef long time_t;
extern size_t fwrite(const void *p, size_t size, size_t n, FILE *f);
extern long read(int fd, void *buf, size_t n);
extern long send(int fd, const void *buf, size_t n, int flags);
extern void *memcpy(void *to, const void *from, size_t n);
extern void *mmap(void *where, size_t n, int prot, int flags, int fd, long off);

struct header { /*~ persisted_layout record_layout */
    char magic[4];
    time_t written;
};

/* only where a double lies differs */
struct price { /*~ persisted_layout record_layout */
    int item;
    double yen;
};

typedef struct { /*~ persisted_layout record_layout */
    struct price last;
    int count;
} summary;

struct packet { /*~ persisted_layout record_layout */
    unsigned long sequence;
    char body[8];
};

struct slot { /*~ persisted_layout record_layout */
    long offset;
};

struct saved { /*~ persisted_layout record_layout */
    struct saved *target;
    int health;
};

struct texture { /*~ persisted_layout record_layout */
    char name[8];
    void **columns;
    short patches;
};

void save(FILE *f, struct header *h, summary *s, int fd)
{
    struct price p = { 1, 2.0 };
    struct packet packet = { 3, "" };
    fwrite(h, sizeof *h, 1, f);
    fwrite((char *)&p, sizeof p, 1, f);
    read(fd, s, sizeof(summary));
    send(fd, &packet, sizeof packet, 0);
}

struct slot *map(int fd, size_t n)
{
    return mmap(0, n, 3, 1, fd, 0);
}

long version(int fd, FILE *f, size_t count)
{
    long magic;
    read(fd, &magic, sizeof(long)); /*~ persisted_layout */
    fwrite(&count, sizeof count, 1, f); /*~ persisted_layout */
    return magic;
}

struct feed { /*~ persisted_layout record_layout */
    char *base;
    long count;
};

void into(char *buf, int used, struct feed *h)
{
    memcpy(buf + used, h, sizeof *h);
}

/* by way of a buffer */
unsigned char *save_p;
void archive(struct saved *from)
{
    struct saved *to = (struct saved *)save_p;
    memcpy(to, from, sizeof *to);
    save_p += sizeof *to;
}

struct thinker { /*~ record_layout */
    struct thinker *next;
};
struct plat { /*~ persisted_layout record_layout */
    struct thinker head;
    int low;
};
void archive_plat(struct thinker *th)
{
    struct plat *p;
    p = (struct plat *)save_p;
    memcpy(p, th, sizeof(*p));
}

/* by way of functions of the program, one of them in another unit */
struct reply { /*~ persisted_layout record_layout */
    long status;
};
extern int send_all(int fd, const void *buf, int n);
static int answer(int fd, void *what, int n)
{
    return send_all(fd, what, n);
}
int reply(int fd, struct reply *r)
{
    return answer(fd, (char *)r, sizeof *r);
}

int textures(int *directory)
{
    struct texture *t = (struct texture *)((char *)directory + directory[1]);
    return t->patches;
}
