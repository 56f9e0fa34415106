/* cc -m32 -shared -fPIC */
int counter;

int next(void)
{
    return ++counter;
}
