#include <stddef.h>

struct pos {
	int	row;
	long	col;
};

union amount {
	long	cents;
	char	text[6];
	double	rate;
};

struct entry {
	char		kind;
	long		number;
	unsigned	open : 1;
	unsigned	state : 5;
	struct pos	where;
	union amount	amount;
	struct {
		short	day;
		void	*owner;
	};
	char		*name;
	short		flags;
	double		fee;
	char		note[];
};

extern void *malloc(size_t);
extern int printf(const char *, ...) __attribute__((format(printf, 1, 2)));
extern long write(int, const void *, size_t);
extern long read(int, void *, size_t);
