/* cc -m32 -O1 */
#include <stdio.h>

/* The interpreter of this program is /lib/ld-linux.so.2, and that is right. */
int main(void)
{
    puts("/usr/lib/x86_64-linux-gnu/gconv");
    puts("look into /usr/lib32/ for what is left");
    return 0;
}
