#define MAXENT 20000
#define WORKER_STACK (16 * 1024)

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
int load(struct entry *to, int n);

/* 160 KB, and now twice as much */
int sort(int n)
{
    struct entry all[MAXENT]; /*~ stack_growth */
    struct entry *order[100];
    order[0] = all;
    return load(order[0], n);
}

/* as often as there are folders */
int walk(struct entry *at, int depth)
{
    struct entry *names[1024]; /*~ stack_growth */
    names[0] = at->next;
    return depth > 64 ? 0 : walk(names[0], depth + 1) + 1;
}

void start(struct attr *attr, struct stack *context)
{
    pthread_attr_setstacksize(attr, WORKER_STACK); /*~ stack_growth */
    context->ss_size = 8192; /*~ stack_growth */
}
