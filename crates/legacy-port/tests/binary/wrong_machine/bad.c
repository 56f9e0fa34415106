/* cc -m32 */
/* cc -m64 -Wl,--dynamic-linker,/opt/ledger/lib/ld.so */
/*~ /opt/ledger/lib/ld.so */
int main(void)
{
    return 0;
}
