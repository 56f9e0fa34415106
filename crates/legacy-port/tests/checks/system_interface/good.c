#ifdef __x86_64__
#define SYS_gettid 186
#else
#define SYS_gettid 224
#endif
#define _IOR(type, nr, size) (2U << 30 | sizeof(size) << 16 | (type) << 8 | (nr))
#define TIOCGPTN 0x80045430

struct utsname {
    char sysname[65];
    char machine[65];
};

long syscall(long number, ...);
int ioctl(int fd, unsigned long request, ...);
int strcmp(const char *a, const char *b);
void *dlopen(const char *path, int how);

/* the header's own number for each target */
long ids(long number)
{
    return syscall(SYS_gettid) + syscall(number);
}

/* as wide on both, or made of its size */
long requests(int fd)
{
    unsigned n;
    long at;
    ioctl(fd, TIOCGPTN, &n);
    ioctl(fd, _IOR('k', 1, long), &at);
    return n + at;
}

/* another interrupt, and names that are no paths of the system */
int others(const char *arch)
{
    static const char *const known[] = {"i386", "i686", "x86_64", "lib32", "/opt/lib32x/a"};
    __asm__ volatile("int $3");
    if (strcmp(arch, "i686") == 0)
        return known[0] != 0;
    return dlopen("libc.so.6", 1) != 0;
}
