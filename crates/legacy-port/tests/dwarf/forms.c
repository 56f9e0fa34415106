/* What compilers say of types, in every form of it. */
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

typedef struct {
    int a;
    char b[3];
} anon_t;

struct bits {
    unsigned a : 3;
    int b : 7;
    long c : 20;
    long long d : 40;
    char e;
};

struct __attribute__((packed)) packed {
    char c;
    int i;
    double d;
};

struct aligned {
    char c;
    int x __attribute__((aligned(16)));
};

struct tail {
    int n;
    int none[0];
    char tail[];
};

struct nest {
    struct {
        time_t sec;
        union {
            int i;
            char *p;
        };
    } in;
    double d;
    long double ld;
    int (*f)(int, char *[4], ...);
    const char *const *names;
};

enum e { A, B = 1000000 };
struct large {
    char b[256];
    int m[3][4];
};

anon_t a;
struct bits b;
struct packed c;
struct aligned d;
struct tail e;
struct nest f;
enum e g;
struct large i;
off_t o;

int main(void)
{
    struct local {
        int x;
        short y;
    } l = {1, 2};
    return l.x;
}
