/* The flags of a project, as `flags` of legacy-port.toml or a compile database has them. */

/* flags: -O2 -m32 */ /*~ build_flags */
/* flags: -march=pentium4 -ffast-math */ /*~ build_flags */
/* flags: -malign-double */ /*~ build_flags */
/* flags: -mregparm=3 */ /*~ build_flags */
/* flags: -L/usr/lib32/opt -lcrypt */ /*~ build_flags */

int main(void)
{
    return 0;
}
