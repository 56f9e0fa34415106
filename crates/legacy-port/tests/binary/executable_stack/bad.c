/* cc -m64 -shared -fPIC */
/*~ PT_GNU_STACK */
int each(int (*f)(int), int n);

int sum(int n)
{
    int total = 0;
    /* A nested function is called through a trampoline, which the compiler writes onto the stack. */
    int add(int i)
    {
        return total += i;
    }
    return each(add, n);
}
