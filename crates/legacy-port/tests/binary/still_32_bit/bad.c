/* cc -m32 -c */
/* cc -m32 -O2 -c */
/*~ ELFCLASS32 i386 */
int answer = 42;
