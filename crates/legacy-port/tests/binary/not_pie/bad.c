/* cc -m64 -no-pie */
/*~ ET_EXEC */
int main(void)
{
    return 0;
}
