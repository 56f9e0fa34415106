/* cc -m32 -shared -fno-pic -Wl,-z,notext */
/*~ DT_TEXTREL */
int counter;

int next(void)
{
    return ++counter;
}
