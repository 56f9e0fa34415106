/* cc -m64 -c -fcf-protection=none */
/*~ GNU_PROPERTY_X86_FEATURE_1_AND */
int answer(void)
{
    return 42;
}
