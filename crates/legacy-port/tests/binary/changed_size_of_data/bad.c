/* cc -m32 -shared -fPIC */
/* cc -m64 -shared -fPIC */
/*~ last_sale */
struct sale {
    int lot;
    long price;
    char buyer[20];
} last_sale = {1};

/*~ names */
char *names[4] = {"a", "b", "c", "d"};
