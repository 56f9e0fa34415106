struct mobj { /*~ record_layout */
    struct mobj *next;
    int x, y;
    long flags;
};

int sum(struct mobj *m, int n)
{
    int i, all = 0;
    int *word = (int *)m; /*~ array_as_record */
    for (i = 0; i < n; i++)
        all += word[i];
    return all + ((int *)m)[3]; /*~ array_as_record */
}
