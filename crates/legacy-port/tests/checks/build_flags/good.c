/* The flags of a project, as `flags` of legacy-port.toml or a compile database has them. */

/* flags: -O2 -g -Wall -pthread -D_FILE_OFFSET_BITS=64 -msse2 -mfpmath=sse -march=native */
/* flags: -L/usr/lib -L/opt/lib3 -m64 -march=x86-64-v2 -march=ivybridge -Wl,-z,relro -DM32=-m32 */

int main(void)
{
    return 0;
}
