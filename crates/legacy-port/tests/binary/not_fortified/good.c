/* cc -m64 -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char name[16];

    strcpy(name, argv[0]);
    return puts(name);
}
