/* cc -m32 -shared -fPIC */
/* cc -m64 -shared -fPIC */
int ledger_open(void)
{
    return 1;
}

#ifdef __i386__
static int mode = 1;

/* Others were never meant to see it. */
__attribute__((visibility("hidden"))) int ledger_mode(void)
{
    return mode;
}
#endif
