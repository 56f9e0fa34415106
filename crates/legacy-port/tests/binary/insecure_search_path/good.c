/* cc -m64 -Wl,-rpath,/opt/ledger/lib:$ORIGIN/../lib */
int main(void)
{
    return 0;
}
