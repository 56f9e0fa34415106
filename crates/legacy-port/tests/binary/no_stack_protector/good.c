/* cc -m64 -O1 -fstack-protector-strong */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char name[16];

    strcpy(name, argv[0]);
    return puts(name);
}
