struct node { /*~ record_layout */
    struct node *next;
    int value;
};

struct point { int x, y; };
struct size { int w, h; };

struct box { /*~ record_layout */
    void *only, *flat;
};

/* always the same record, or records that look the same on both */
void keep(struct box *b, struct node *n, struct point *p, struct size *s, int which)
{
    b->only = n;
    if (which)
        b->flat = p;
    else
        b->flat = s;
}

int read(struct box *b)
{
    struct node *n = b->only;
    struct point *p = b->flat;
    return n->value + p->x;
}
