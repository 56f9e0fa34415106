typedef unsigned long word; /*~ word_alias */

#define ROTL(x, n) (((x) << (n)) | ((x) >> (32 - (n)))) /*~ wraps_at_32_bits */

struct state { /*~ record_layout */
    word a, b;
};

word hash(const char *s, struct state *st, word table[4], int n)
{
    word h = 5381;
    while (*s) {
        h = ROTL(h, 5) ^ (unsigned char)*s++;
        h = h >> 27 | h << 5; /*~ wraps_at_32_bits */
        h ^= (h << n) + (h >> (32 - n)); /*~ wraps_at_32_bits */
    }
    st->a = (st->a << 3) | (st->a >> 29); /*~ wraps_at_32_bits */
    return h ^ ((table[1] << 7) | (table[1] >> 25)); /*~ wraps_at_32_bits */
}
