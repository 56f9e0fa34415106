/* cc -m64 -pie -fPIE */
int main(void)
{
    return 0;
}
