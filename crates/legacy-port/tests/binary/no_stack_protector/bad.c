/* cc -m64 -O1 -fno-stack-protector */
#include <stdio.h>
#include <string.h>

/*~ __stack_chk_fail */
int main(int argc, char **argv)
{
    char name[16];

    strcpy(name, argv[0]);
    return puts(name);
}
