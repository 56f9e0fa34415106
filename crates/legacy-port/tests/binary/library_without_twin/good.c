/* cc -m32 -O1 -lm */
double cos(double);

/* libm.so.6 and libc.so.6 are there for 64 bits too. */
int main(int argc, char **argv)
{
    return cos(argc) > 0;
}
