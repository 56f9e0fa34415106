#include "lib.h"

enum state { IDLE, RUNNING, STOPPED, LAST = 0x7FFFFFFF };
enum flags { NONE = 0, FIRST = 1, ALL = 0xFFFFFFFF };
enum { ENTRY_SIZE = sizeof(int) * 3, LIMIT = 100 };

enum state masked(unsigned long n)
{
    return n & 3;
}

enum state of_a_truth(long n)
{
    enum state s = n > 0;
    return s;
}

int compared(enum state s, long n)
{
    return s == n || s < 3L;
}

const char *name(enum state s)
{
    static const char *const names[] = {"idle", "running", "stopped"};
    return s <= STOPPED ? names[s] : "?";
}

int switched(long n)
{
    switch ((enum state)n) {
    case IDLE:
        return 1;
    default:
        return 0;
    }
}

void *as_user_data(void)
{
    return (void *)RUNNING;
}

enum state of_a_pointer(const void *p)
{
    return p ? RUNNING : IDLE;
}

int arithmetic(enum state s)
{
    return s + ENTRY_SIZE * LIMIT;
}

unsigned all_bits(unsigned have)
{
    return have & ALL;
}

long widened(enum state s)
{
    return s;
}

int printed(enum state s)
{
    return printf("%d %u\n", s, (unsigned)s);
}

enum flags joined(enum flags a, enum flags b)
{
    return a | b;
}

enum state counted(size_t n)
{
    return n > 2 ? STOPPED : n;
}

enum state anything(long n)
{
    return n;
}
