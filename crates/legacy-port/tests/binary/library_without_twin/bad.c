/* helper -m32 -shared -DLIBRARY */
/* cc -m32 -O1 -Wl,-rpath,$ORIGIN helper.so */
#ifdef LIBRARY
int answer(void)
{
    return 42;
}
#else
int answer(void);

/*~ helper.so */
int main(void)
{
    return answer();
}
#endif
