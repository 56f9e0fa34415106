//! Types of the system that have another definition for each processor, so that their members on i386 do not tell what
//! they are on `x86_64`: glibc's and the kernel's, as headers of glibc 2.36 have them. A test asks the C compiler for each.

/// What is known of a type on `x86_64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Size and alignment in bytes.
    Size(u64, u64),
    /// That it cannot be told.
    Not,
}

use Known::{Not, Size};

/// A name, what is known of it, and the header that has it.
pub type Row = (&'static str, Known, &'static str);

/// The typedefs, sorted by name.
pub const TYPEDEFS: &[Row] = &[
    ("__builtin_va_list", Size(24, 8), "stdarg.h"),
    ("__fd_mask", Size(8, 8), "sys/select.h"),
    ("__fsword_t", Size(8, 8), "sys/types.h"),
    ("__gnuc_va_list", Size(24, 8), "stdarg.h"),
    ("__gwchar_t", Size(4, 4), "inttypes.h"),
    ("__intptr_t", Size(8, 8), "sys/types.h"),
    ("__ipc_pid_t", Size(4, 4), "sys/ipc.h"),
    ("__jmp_buf", Size(64, 8), "setjmp.h"),
    ("__kernel_fd_set", Size(128, 8), "linux/posix_types.h"),
    ("__kernel_gid_t", Size(4, 4), "linux/types.h"),
    ("__kernel_ipc_pid_t", Size(4, 4), "linux/types.h"),
    ("__kernel_mode_t", Size(4, 4), "linux/types.h"),
    ("__kernel_old_dev_t", Size(8, 8), "linux/types.h"),
    ("__kernel_old_gid_t", Size(2, 2), "linux/types.h"),
    ("__kernel_old_uid_t", Size(2, 2), "linux/types.h"),
    ("__kernel_ptrdiff_t", Size(8, 8), "linux/types.h"),
    ("__kernel_size_t", Size(8, 8), "linux/types.h"),
    ("__kernel_ssize_t", Size(8, 8), "linux/types.h"),
    ("__kernel_uid_t", Size(4, 4), "linux/types.h"),
    ("__nlink_t", Size(8, 8), "sys/types.h"),
    ("__sigset_t", Size(128, 8), "signal.h"),
    ("__ssize_t", Size(8, 8), "sys/types.h"),
    ("cpu_set_t", Size(128, 8), "sched.h"),
    ("double_t", Size(8, 8), "math.h"),
    ("fd_mask", Size(8, 8), "sys/select.h"),
    ("fd_set", Size(128, 8), "sys/select.h"),
    ("fenv_t", Size(32, 4), "fenv.h"),
    ("float_t", Size(4, 4), "math.h"),
    ("fpregset_t", Size(8, 8), "sys/ucontext.h"),
    ("greg_t", Size(8, 8), "sys/ucontext.h"),
    ("gregset_t", Size(184, 8), "sys/ucontext.h"),
    ("int_fast16_t", Size(8, 8), "stdint.h"),
    ("int_fast32_t", Size(8, 8), "stdint.h"),
    ("intptr_t", Size(8, 8), "stdint.h"),
    ("jmp_buf", Size(200, 8), "setjmp.h"),
    ("max_align_t", Size(32, 16), "stddef.h"),
    ("mcontext_t", Size(256, 8), "sys/ucontext.h"),
    ("nlink_t", Size(8, 8), "sys/types.h"),
    ("pthread_attr_t", Size(56, 8), "pthread.h"),
    ("pthread_barrier_t", Size(32, 8), "pthread.h"),
    ("pthread_cond_t", Size(48, 8), "pthread.h"),
    ("pthread_mutex_t", Size(40, 8), "pthread.h"),
    ("pthread_rwlock_t", Size(56, 8), "pthread.h"),
    ("pthread_rwlockattr_t", Size(8, 8), "pthread.h"),
    ("ptrdiff_t", Size(8, 8), "stddef.h"),
    ("register_t", Size(8, 8), "sys/types.h"),
    ("sem_t", Size(32, 8), "semaphore.h"),
    ("siginfo_t", Size(128, 8), "signal.h"),
    ("sigjmp_buf", Size(200, 8), "setjmp.h"),
    ("sigset_t", Size(128, 8), "signal.h"),
    ("size_t", Size(8, 8), "stddef.h"),
    ("ssize_t", Size(8, 8), "sys/types.h"),
    ("ucontext_t", Size(968, 8), "sys/ucontext.h"),
    ("uint_fast16_t", Size(8, 8), "stdint.h"),
    ("uint_fast32_t", Size(8, 8), "stdint.h"),
    ("uintptr_t", Size(8, 8), "stdint.h"),
    ("va_list", Size(24, 8), "stdarg.h"),
    ("wchar_t", Size(4, 4), "stddef.h"),
];

/// Structures and unions by their tags, sorted.
pub const RECORDS: &[Row] = &[
    ("_IO_FILE", Size(216, 8), "stdio.h"),
    ("__jmp_buf_tag", Size(200, 8), "setjmp.h"),
    ("__pthread_cond_s", Size(48, 8), "pthread.h"),
    ("__pthread_mutex_s", Size(40, 8), "pthread.h"),
    ("__pthread_rwlock_arch_t", Size(56, 8), "pthread.h"),
    ("_fpstate", Not, "signal.h"),
    ("_libc_fpstate", Not, "sys/ucontext.h"),
    ("aiocb", Size(168, 8), "aio.h"),
    ("aiocb64", Size(168, 8), "aio.h"),
    ("dl_find_object", Size(96, 8), "dlfcn.h"),
    ("dl_phdr_info", Size(64, 8), "link.h"),
    ("epoll_event", Size(12, 1), "sys/epoll.h"),
    ("ipc_perm", Size(48, 8), "sys/ipc.h"),
    ("itimerspec", Size(32, 8), "time.h"),
    ("lastlog", Size(292, 4), "utmp.h"),
    ("link_map", Not, "link.h"),
    ("msqid_ds", Size(120, 8), "sys/msg.h"),
    ("pthread_attr_t", Size(56, 8), "pthread.h"),
    ("r_debug", Not, "link.h"),
    ("semid_ds", Size(104, 8), "sys/sem.h"),
    ("shmid_ds", Size(112, 8), "sys/shm.h"),
    ("sigcontext", Size(256, 8), "signal.h"),
    ("sigevent", Size(64, 8), "signal.h"),
    ("sockaddr_storage", Size(128, 8), "sys/socket.h"),
    ("stat", Size(144, 8), "sys/stat.h"),
    ("stat64", Size(144, 8), "sys/stat.h"),
    ("statfs", Size(120, 8), "sys/statfs.h"),
    ("statfs64", Size(120, 8), "sys/statfs.h"),
    ("statvfs", Size(112, 8), "sys/statvfs.h"),
    ("statvfs64", Size(112, 8), "sys/statvfs.h"),
    ("sysinfo", Size(112, 8), "sys/sysinfo.h"),
    ("timespec", Size(16, 8), "time.h"),
    ("timex", Size(208, 8), "sys/timex.h"),
    ("ucontext_t", Size(968, 8), "sys/ucontext.h"),
    ("user", Not, "sys/user.h"),
    ("user_fpregs_struct", Not, "sys/user.h"),
    ("user_regs_struct", Not, "sys/user.h"),
    ("utmp", Size(384, 4), "utmp.h"),
    ("utmpx", Size(384, 4), "utmpx.h"),
];

/// What is known of a name.
pub(super) fn find(rows: &[Row], name: &str) -> Option<Known> {
    let at = rows.binary_search_by(|r| r.0.cmp(name)).ok()?;
    Some(rows[at].1)
}

/// Whether a declaration in this file is the system's: headers are installed in folders of that name.
pub(super) fn of_the_system(path: &str) -> bool {
    let mut parts = std::path::Path::new(path).components();
    parts.next() == Some(std::path::Component::RootDir) && parts.any(|p| p.as_os_str() == "include")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(TYPEDEFS.is_sorted_by_key(|r| r.0) && RECORDS.is_sorted_by_key(|r| r.0));
    }

    #[test]
    fn a_program_may_have_an_own_type() {
        assert!(of_the_system("/usr/include/sys/types.h") && of_the_system("/usr/lib/gcc/i686/12/include/stddef.h"));
        assert!(!of_the_system("/home/me/src/types.h") && !of_the_system("include/types.h"));
    }
}
