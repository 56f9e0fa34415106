#pragma GCC system_header
typedef long fd_mask;
typedef struct {
    fd_mask fds_bits[32];
} fd_set;
#define NFDBITS (8 * (int)sizeof(fd_mask))
