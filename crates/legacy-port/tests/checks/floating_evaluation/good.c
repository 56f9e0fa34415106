#define ROUND(x) ((int)((x) * 100.0 + 0.5))

double floor(double x);
double chance(void);

/* rounded as it is said; powers of two are exact; no decimal places that are meant to be an integer */
int cents(double price, float f, int n)
{
    int a = (int)floor(price * 100);
    int b = (int)(price * 0.5) + (int)(f * 256) + (int)(price * 0.86);
    return ROUND(price) + a + b + (int)(n / 10) + (int)price + (int)(2.5 * 4.0) + (int)(chance() * 100);
}

/* what is stored on both, and differences of it */
int same(double a, double b, long double wide, int n)
{
    if (a == b || a == 0.0 || a - b == 0 || a * b == 0.0 || a * 2 == b)
        return 1;
    return wide * 3 == 1.0L || a == (double)n || a == 1.5;
}
