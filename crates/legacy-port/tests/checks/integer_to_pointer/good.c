#include <stddef.h>
#include <stdint.h>

struct job { /*~ record_layout */
    void *token;
    int number;
    intptr_t handle;
};

extern void start(void *(*f)(void *), void *argument);
extern void *work(void *argument);

/* small numbers in pointers come back as they were */
void tokens(struct job *j, int i)
{
    start(work, (void *)i);
    j->token = (void *)j->number;
    j->token = (void *)3;
    j->number = i;
    start(work, 0);
}

/* wide enough on both */
void *handle(struct job *j, void *p)
{
    j->handle = (intptr_t)p;
    return (void *)j->handle;
}

/* lost under the old target already */
void *old_loss(short s, unsigned char c)
{
    return s ? (void *)s : (void *)c;
}
