static unsigned long seed = 1;

int next(void)
{
    seed = seed * 1103515245 + 12345; /*~ accumulates_past_32_bits */
    return (seed >> 16) & 0x7fff;
}

unsigned long hash(const char *s)
{
    unsigned long h = 0;
    while (*s)
        h = h * 31 + *s++; /*~ accumulates_past_32_bits */
    return h;
}

int place(const char *s, int size)
{
    unsigned long h = 5381;
    while (*s)
        h = ((h << 5) + h) ^ *s++; /*~ accumulates_past_32_bits */
    return h % size;
}

/* one step after the other */
unsigned long mixed(const unsigned char *s, int n)
{
    unsigned long h = 0;
    while (n--) {
        h += *s++;
        h += h << 10; /*~ accumulates_past_32_bits */
        h ^= h >> 6;
    }
    h *= 16777619; /*~ accumulates_past_32_bits */
    return h;
}

struct stream {  /*~ record_layout */
    unsigned long crc;
};

void feed(struct stream *st, const unsigned char *table, int c)
{
    st->crc = (st->crc << 8) ^ table[(st->crc >> 24) ^ c]; /*~ accumulates_past_32_bits */
}
