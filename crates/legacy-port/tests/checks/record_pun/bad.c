struct plat { /*~ record_layout */
    struct plat *next;
    int wait;
    long low, high;
};

struct door { /*~ record_layout */
    struct door *next;
    long top;
    int direction;
};

struct sector { /*~ record_layout */
    int floor;
    void *special;
};

void start(struct sector *s, struct plat *p, struct door *d)
{
    if (s->floor)
        s->special = p;
    else
        s->special = d;
}

void reverse(struct sector *s)
{
    struct door *door = s->special; /*~ record_pun */
    door->direction = -1;
}

int waits(struct sector *s)
{
    return ((struct plat *)s->special)->wait; /*~ record_pun */
}
