/* cc -m32 -shared -fPIC */
/* cc -m64 -shared -fPIC */
int ledger_open(void)
{
    return 1;
}

/*~ ledger_fast_copy */
/*~ ledger_mode */
#ifdef __i386__
int ledger_mode = 1;

void ledger_fast_copy(void)
{
    __asm__("rep movsl");
}
#endif
