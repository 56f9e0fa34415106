struct attr;
struct stack { /*~ record_layout */
    void *ss_sp;
    unsigned long ss_size;
};

struct entry { /*~ record_layout */
    struct entry *next;
    long key;
};

int pthread_attr_setstacksize(struct attr *attr, unsigned long size);
int load(void *to, int n);

/* not on the stack, or no larger */
int sort(int n)
{
    static struct entry all[20000];
    char line[100000];
    int order[50000];
    return load(all, n) + load(line, n) + load(order, n);
}

/* a few pointers for each call; many where nothing recurs */
int walk(struct entry *at, int depth)
{
    struct entry *names[16];
    names[0] = at->next;
    return depth > 64 ? 0 : walk(names[0], depth + 1) + 1;
}

int once(struct entry *at)
{
    struct entry *names[1024];
    names[0] = at;
    return load(names, 1024);
}

void start(struct attr *attr, struct stack *context, unsigned long size)
{
    pthread_attr_setstacksize(attr, size);
    pthread_attr_setstacksize(attr, 8 << 20);
    context->ss_size = 1024 * sizeof(long);
}
