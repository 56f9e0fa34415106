#define SIGN_EXTEND(x, bits) (((long)(x) << (32 - (bits))) >> (32 - (bits))) /*~ shift_width */
#define TOP (1 << 31)

typedef unsigned long word; /*~ word_alias */

struct device { /*~ record_layout */
    word flags;
};

/* a sample of 24 bits with its sign */
long sample(long raw)
{
    raw = (raw << 8) >> 8; /*~ shift_width */
    return SIGN_EXTEND(raw, 16);
}

/* without the upper half */
word low_half(word x)
{
    return x << 16 >> 16; /*~ shift_width */
}

/* the sign: 0 or 1 */
word sign(int x, long y)
{
    return ((word)x >> 31) + ((unsigned long)y >> 31); /*~ shift_width shift_width */
}

/* one bit, or 33 of them */
word mark(struct device *d)
{
    word all = 1UL << 31; /*~ shift_width */
    d->flags |= 1UL << 31; /*~ shift_width */
    d->flags ^= (1UL << 31); /*~ shift_width */
    return d->flags | all | TOP; /*~ shift_width */
}
