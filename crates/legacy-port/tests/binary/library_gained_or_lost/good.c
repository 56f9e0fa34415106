/* cc -m32 -ldl */
/* cc -m64 */
int main(int argc, char **argv)
{
    return argc;
}
