typedef struct fd_set fd_set;
typedef long time_t;
struct timeval;

#define FIONREAD 0x541B
#define BLKGETSIZE 0x1260
#define TIOCMSET 0x5418
#define WEXITSTATUS(status) (((status) & 0xFF00) >> 8)

int select(int n, fd_set *in, fd_set *out, fd_set *bad, struct timeval *wait);
int ioctl(int fd, unsigned long request, ...);
int getsockopt(int fd, int level, int name, void *value, unsigned *size);
time_t time(time_t *now);
int wait();

int ready(int fd, fd_set *given, long flags)
{
    long one = 1L << fd;
    int pair[2] = {1 << fd, 0};
    select(fd + 1, given, given, (fd_set *)&one, 0);
    select(fd + 1, (fd_set *)pair, 0, 0, 0);
    ioctl(fd, TIOCMSET, &flags);
    return one == 1;
}

long waiting(int fd, int *gone)
{
    int n, error;
    unsigned size = sizeof error;
    unsigned long sectors;
    ioctl(fd, FIONREAD, &n);
    ioctl(fd, FIONREAD, gone);
    ioctl(fd, BLKGETSIZE, &sectors);
    getsockopt(fd, 1, 4, &error, &size);
    return n + error + sectors;
}

int child(void)
{
    time_t t;
    long status;
    time(&t);
    wait(&status);
    return WEXITSTATUS(status) + (t == 0);
}
