struct point { int x, y, z; };
struct named { /*~ record_layout */
    int id;
    const char *name;
};

int sum(struct point *p, struct named *n)
{
    int *word = (int *)p;
    char *bytes = (char *)n;
    return word[0] + word[1] + *(int *)n + bytes[0];
}
