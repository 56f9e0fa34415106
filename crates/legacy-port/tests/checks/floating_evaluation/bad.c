#define CENTS(euros) ((long)((euros) * 100.0)) /*~ floating_evaluation */

typedef double money;

struct sale { /*~ record_layout */
    char kind;
    money price;
    int ticks;
};

/* 0.03 becomes 2 on one and 3 on the other */
long cents(struct sale *s, const double *rates)
{
    int n = s->price * 100; /*~ floating_evaluation */
    n += (int)(s->price / 0.01); /*~ floating_evaluation */
    s->ticks = (unsigned)(10 * rates[2]); /*~ floating_evaluation */
    return n + CENTS(s->price);
}

/* depends on what was stored */
int same(struct sale *s, double a, double b)
{
    double x = a / b;
    return x == a / b || a * b + 1.0 != s->price; /*~ floating_evaluation floating_evaluation */
}
