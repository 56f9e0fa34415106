/* cc -m64 -O1 */
#include <stdio.h>

/*~ /usr/lib/i386-linux-gnu/gconv */
/*~ /lib/ld-linux.so.2 */
int main(void)
{
    puts("/usr/lib/i386-linux-gnu/gconv");
    puts("/lib/ld-linux.so.2");
    return 0;
}
