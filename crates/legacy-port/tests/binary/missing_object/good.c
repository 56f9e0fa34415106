/* member old.a book.o -m32 -c */
/* member old.a tape.o -m32 -c -DTAPE */
/* member new.a tape.o -m64 -c -DTAPE */
/* member new.a book.o -m64 -c */
#ifdef TAPE
int tape_rewind(void)
{
    return 0;
}
#else
int book_open(void)
{
    return 1;
}
#endif
