/* cc -m32 */
/* cc -m64 -lm -Wl,--no-as-needed */
/*~ libm.so.6 */
double cos(double);

int main(int argc, char **argv)
{
#ifdef __x86_64__
    return cos(argc) > 0;
#else
    return argc;
#endif
}
