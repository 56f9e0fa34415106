/* cc -m64 -Wl,-z,lazy */
/*~ PT_GNU_RELRO */
int puts(const char *);

int main(void)
{
    return puts("hello");
}
