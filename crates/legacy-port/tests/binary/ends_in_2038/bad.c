/* cc -m32 -O1 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

/*~ time */
/*~ localtime */
/*~ stat */
int main(int argc, char **argv)
{
    struct stat s;
    time_t now = time(0);

    if (argc > 1 && stat(argv[1], &s) == 0 && s.st_mtime < now)
        printf("written in %d\n", localtime(&s.st_mtime)->tm_year + 1900);
    return 0;
}
