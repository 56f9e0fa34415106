/* cc -m32 -c */
/* cc -m64 -c */
int answer = 42;
