/* cc -m64 -Wl,-z,relro,-z,now */
int puts(const char *);

int main(void)
{
    return puts("hello");
}
