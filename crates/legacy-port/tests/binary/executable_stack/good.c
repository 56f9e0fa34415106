/* cc -m64 -shared -fPIC */
int each(int (*f)(void *, int), void *with, int n);

static int add(void *total, int i)
{
    return *(int *)total += i;
}

int sum(int n)
{
    int total = 0;
    return each(add, &total, n);
}
