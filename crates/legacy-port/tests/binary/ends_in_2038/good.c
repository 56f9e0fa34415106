/* cc -m32 -O1 -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

int main(int argc, char **argv)
{
    struct stat s;
    struct timespec pause = {0, 1000};
    time_t now = time(0);

    nanosleep(&pause, 0);
    if (argc > 1 && stat(argv[1], &s) == 0 && s.st_mtime < now)
        printf("written in %d\n", localtime(&s.st_mtime)->tm_year + 1900);
    return 0;
}
