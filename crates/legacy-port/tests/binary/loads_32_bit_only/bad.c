/* helper -m32 -shared -DPLUGIN */
/* cc -m32 -O1 -Wl,-rpath,$ORIGIN */
#ifdef PLUGIN
int answer = 42;
#else
#include <dlfcn.h>
#include <stdio.h>

/*~ helper.so */
int main(void)
{
    void *plugin = dlopen("helper.so", RTLD_NOW);

    if (plugin)
        printf("%d\n", *(int *)dlsym(plugin, "answer"));
    return 0;
}
#endif
