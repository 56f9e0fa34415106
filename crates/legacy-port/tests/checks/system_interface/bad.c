#define NR_GETTID 224
#define TIOCGPTN 0x80045430
#define GET_OFFSET 0x80046B01
#define LOADER "/lib/ld-linux.so.2" /*~ system_interface(look) */

struct utsname {
    char sysname[65];
    char machine[65];
};

long syscall(long number, ...);
int ioctl(int fd, unsigned long request, ...);
int execl(const char *path, const char *first, ...);
int uname(struct utsname *name);
int strcmp(const char *a, const char *b);
void *dlopen(const char *path, int how);

/* numbers of the other table */
long ids(void)
{
    return syscall(20) + syscall(NR_GETTID); /*~ system_interface system_interface */
}

/* through the other table */
static int my_close(int fd)
{
    int result;
    __asm__ volatile("movl $6, %%eax\n\t" /*~ system_interface */
                     "int $0x80"
                     : "=a"(result)
                     : "b"(fd));
    return result;
}

#define SYSCALL0(nr) ({ int r; __asm__("int   $0x80" : "=a"(r) : "0"(nr)); r; }) /*~ system_interface */

/* a request with the size of its argument in it */
long offset(int fd)
{
    long at = 0;
    ioctl(fd, GET_OFFSET, &at); /*~ system_interface */
    return at + SYSCALL0(20) + my_close(fd);
}

/* files and machines of the other kind */
int run(void)
{
    struct utsname name;
    uname(&name);
    if (strcmp(name.machine, "i686") == 0) /*~ system_interface(look) */
        return dlopen("/usr/lib32/libc.so.6", 1) != 0; /*~ system_interface(look) */
    return execl(LOADER, LOADER, (char *)0);
}
