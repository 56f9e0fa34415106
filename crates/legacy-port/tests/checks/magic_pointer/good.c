#include <stddef.h>
#include <stdint.h>

#define FAILED ((void *)-1)

int check(char *p, unsigned *registers)
{
    if (p == FAILED || p == (char *)UINTPTR_MAX)
        return 0;
    registers[0] = 0xDEADBEEF;
    return p == (char *)1 || p > (char *)0x1000 || *registers == 0xFFFFFFFF;
}
