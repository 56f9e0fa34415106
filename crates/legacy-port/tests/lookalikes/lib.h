/* What the look-alikes need of the C library: the compiler's own headers and declarations, so that they parse for any
   target on any machine. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef long ssize_t, off_t, time_t, suseconds_t;
typedef struct file FILE;
struct tm {
    int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
};
struct timeval {
    time_t tv_sec;
    suseconds_t tv_usec;
};

extern void *malloc(size_t), *calloc(size_t, size_t), *realloc(void *, size_t);
extern void free(void *);
extern void *memcpy(void *, const void *, size_t), *memmove(void *, const void *, size_t);
extern void *memset(void *, int, size_t);
extern int memcmp(const void *, const void *, size_t);
extern size_t strlen(const char *), strnlen(const char *, size_t), strspn(const char *, const char *);
extern char *strcpy(char *, const char *), *strncpy(char *, const char *, size_t), *strchr(const char *, int);
extern int strcmp(const char *, const char *), strncmp(const char *, const char *, size_t);
extern int printf(const char *, ...), fprintf(FILE *, const char *, ...), sprintf(char *, const char *, ...);
extern int snprintf(char *, size_t, const char *, ...), vprintf(const char *, va_list);
extern int scanf(const char *, ...), sscanf(const char *, const char *, ...);
extern size_t fread(void *, size_t, size_t, FILE *), fwrite(const void *, size_t, size_t, FILE *);
extern ssize_t read(int, void *, size_t), write(int, const void *, size_t);
extern int open(const char *, int, ...), fcntl(int, int, ...), ioctl(int, unsigned long, ...);
extern int execl(const char *, const char *, ...), execlp(const char *, const char *, ...);
extern void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
extern void *bsearch(const void *, const void *, size_t, size_t, int (*)(const void *, const void *));
extern time_t time(time_t *), mktime(struct tm *);
extern struct tm *localtime(const time_t *);
extern double difftime(time_t, time_t);
extern int gettimeofday(struct timeval *, void *);
extern void srand(unsigned);
extern unsigned sleep(unsigned);
extern long strtol(const char *, char **, int);

/* functions of a program */
extern void take_int(int), take_unsigned(unsigned), take_short(short), take_char(char), take_long(long);
extern void take_size(size_t), take_pointer(const void *);
