typedef struct fd_set fd_set;
struct timeval;

#define FIONREAD 0x541B
#define BLKGETSIZE 0x1260
#define SOL_SOCKET 1
#define SO_ERROR 4

int select(int n, fd_set *in, fd_set *out, fd_set *bad, struct timeval *wait);
int ioctl(int fd, unsigned long request, ...);
int getsockopt(int fd, int level, int name, void *value, unsigned *size);
int time();
int wait();

struct peer { /*~ record_layout */
    int fd;
    long pending;
};

/* a set of 32 descriptors in an int */
int ready(int fd)
{
    int in = 1 << fd;
    int sets[3] = {0, 0, 0};
    select(fd + 1, (fd_set *)&in, 0, 0, 0); /*~ out_parameter_width */
    select(fd + 1, (fd_set *)sets, 0, 0, 0); /*~ out_parameter_width */
    return in & (1 << fd);
}

/* half of a number */
long waiting(int fd, struct peer *p)
{
    long n, error, known = 0;
    unsigned size = sizeof error;
    ioctl(fd, FIONREAD, &n); /*~ out_parameter_width */
    ioctl(fd, FIONREAD, &known); /*~ out_parameter_width(look) */
    ioctl(fd, FIONREAD, (char *)&p->pending); /*~ out_parameter_width(look) */
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size); /*~ out_parameter_width */
    return n + known + error;
}

/* more than there is room for */
int now(int disk)
{
    int t, sectors;
    time(&t); /*~ out_parameter_width */
    ioctl(disk, BLKGETSIZE, &sectors); /*~ out_parameter_width */
    return t + sectors;
}

/* without a prototype, and a status of 8 bytes */
int child(void)
{
    long status;
    wait(&status); /*~ out_parameter_width */
    return status == 0;
}
