/* helper -m64 -shared -fPIC -DPLUGIN */
/* cc -m32 -O1 -Wl,-rpath,$ORIGIN */
#ifdef PLUGIN
int answer = 42;
#else
#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
    void *plugin = dlopen("helper.so", RTLD_NOW), *math = dlopen("libm.so.6", RTLD_NOW);

    puts("there is no libnosuch.so.1, and nothing is said of it");
    return plugin != math;
}
#endif
