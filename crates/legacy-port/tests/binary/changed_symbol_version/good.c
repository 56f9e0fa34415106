/* cc -m32 -O1 */
/* cc -m64 -O1 */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char buffer[64] = "";

    memmove(buffer, argv[0], argc);
    return puts(buffer);
}
