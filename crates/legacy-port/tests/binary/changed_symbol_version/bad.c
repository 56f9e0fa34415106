/* cc -m32 -O1 */
/* cc -m64 -O1 */
#include <stdio.h>
#include <string.h>

/*~ memcpy@GLIBC_2.14 */
int main(int argc, char **argv)
{
    char buffer[64];

    memcpy(buffer, argv[0], argc);
    return puts(buffer);
}
