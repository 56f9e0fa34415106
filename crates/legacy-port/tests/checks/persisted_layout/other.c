#include <stddef.h>

extern long send(int fd, const void *buf, size_t n, int flags);

int send_all(int fd, const void *buf, int n)
{
    return send(fd, buf, n, 0) == n;
}

int keep(const void *buf, int n)
{
    return buf && n;
}
