/* cc -m64 -c -fcf-protection=full */
int answer(void)
{
    return 42;
}
