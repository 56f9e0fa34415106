/* as far as the cases need it */
char *strcasestr(const char *in, const char *text);
