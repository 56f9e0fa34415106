/* cc -m32 -O1 -D_FILE_OFFSET_BITS=64 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int fd = open(argv[0], O_RDONLY);
    FILE *f = fopen(argv[0], "r");

    fseeko(f, argc, SEEK_SET);
    return lseek(fd, 0, SEEK_END) > getc(f);
}
