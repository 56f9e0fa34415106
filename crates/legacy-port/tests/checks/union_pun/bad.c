struct mobj;

typedef union { /*~ union_pun record_layout */
    int i;
    struct mobj *m;
} special;

struct mobj { /*~ record_layout */
    special special1;
    struct mobj *next;
};

void clear(struct mobj *m)
{
    m->special1.i = 0;
}

struct mobj *target(struct mobj *m)
{
    if (!m->special1.m)
        return m->next;
    return m->special1.m;
}

union both { /*~ union_pun record_layout */
    float f;
    long word;
};

int is_zero(union both *b)
{
    b->f = 0;
    return b->word == 0;
}
