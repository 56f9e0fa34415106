/* cc -m64 -Wl,-rpath,/tmp/build/lib:lib -Wl,--enable-new-dtags */
/*~ DT_RUNPATH /tmp/build/lib */
/*~ DT_RUNPATH lib */
int main(void)
{
    return 0;
}
