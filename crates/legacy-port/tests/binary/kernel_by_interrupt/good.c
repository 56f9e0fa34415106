/* cc -m64 -O1 */
#include <unistd.h>

/* The bytes of the instruction are here, within a constant: cd 80. */
__attribute__((noinline)) int number(int n)
{
    return n ^ 0x80cd;
}

int main(int argc, char **argv)
{
    return write(1, "hello\n", number(argc) & 6) < 0;
}
