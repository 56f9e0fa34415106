/* cc -m32 */
/* cc -m64 */
int main(void)
{
    return 0;
}
