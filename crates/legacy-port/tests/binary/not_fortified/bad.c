/* cc -m64 -O2 -U_FORTIFY_SOURCE */
#include <stdio.h>
#include <string.h>

/*~ _FORTIFY_SOURCE */
int main(int argc, char **argv)
{
    char name[16];

    strcpy(name, argv[0]);
    return puts(name);
}
