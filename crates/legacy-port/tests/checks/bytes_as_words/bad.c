typedef unsigned long word; /*~ word_alias */

struct view { /*~ record_layout */
    unsigned char *data;
    int line_bytes;
};

extern void draw(unsigned long *words, int n);

void copy(struct view *v, int n)
{
    register word *mem = (word *)v->data; /*~ bytes_as_words */
    word *image;
    image = (word *)(v->data + v->line_bytes); /*~ bytes_as_words */
    while (n--)
        *mem++ = *image++;
    draw((unsigned long *)v->data, n); /*~ bytes_as_words */
}

/* rows copied by words, a number taken from a packet */
long row(unsigned char *image, unsigned char *tile)
{
    *(unsigned long *)image = *(unsigned long *)(tile + 4); /*~ bytes_as_words bytes_as_words */
    return ((long *)tile)[2]; /*~ bytes_as_words */
}
