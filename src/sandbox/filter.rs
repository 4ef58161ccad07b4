//! The system calls that a program in the sandbox may make: a list of what is allowed, and `EPERM` for all others.
//!
//! Nothing here makes a process, a thread or a socket, looks at another process or sends it a signal, mounts, loads or
//! traces. That holds for root too, whom limits on the number of processes do not hold.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// Allowed with any arguments.
const ALLOWED: &[i64] = &[
    // Its input, its output and its folder; which files these are is for Landlock to say.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_symlinkat,
    libc::SYS_renameat2,
    libc::SYS_ftruncate,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    // Memory.
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    // Its own signals; none can be sent.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_setitimer,
    // Becoming the interpreter; Landlock lets nothing else be executed, and every layer stays on.
    libc::SYS_execve,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // The one thread.
    libc::SYS_futex,
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_restart_syscall,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    // Time, chance and who it is.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_times,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_uname,
    libc::SYS_sysinfo,
];

/// What older C libraries use in the place of those above.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[i64] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_symlink,
    libc::SYS_rename,
    libc::SYS_dup2,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_time,
    libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_HERE: &[i64] = &[];

/// Allowed where an argument has one of some values: the call, the argument's place, the values. A terminal cannot be
/// written to by `ioctl`, and no other process be named by `fcntl` to be sent signals.
#[allow(clippy::unnecessary_cast, reason = "the type of these numbers is another in another C library")]
const ONLY_WITH: &[(i64, u8, &[u64])] = &[
    (
        libc::SYS_ioctl,
        1,
        &[libc::TCGETS as u64, libc::TIOCGWINSZ as u64, libc::FIOCLEX as u64, libc::FIONCLEX as u64],
    ),
    (
        libc::SYS_fcntl,
        1,
        &[
            libc::F_GETFD as u64,
            libc::F_SETFD as u64,
            libc::F_GETFL as u64,
            libc::F_DUPFD as u64,
            libc::F_DUPFD_CLOEXEC as u64,
        ],
    ),
];

/// Returns the filter of this machine's processor.
pub(super) fn filter() -> Result<BpfProgram, seccompiler::Error> {
    let always = ALLOWED.iter().chain(ALLOWED_HERE).map(|call| (*call, Vec::new()));
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = always.collect();
    for (call, place, values) in ONLY_WITH {
        let one = |value: &u64| SeccompRule::new(vec![equals(*place, *value)?]);
        rules.insert(*call, values.iter().map(one).collect::<Result<_, _>>()?);
    }
    // Limits may be read, the process's own alone: with a pointer to new ones it could change those of others.
    let own = SeccompRule::new(vec![whole(0, 0)?, whole(2, 0)?])?;
    rules.insert(libc::SYS_prlimit64, vec![own]);
    let arch = std::env::consts::ARCH.try_into()?;
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    Ok(SeccompFilter::new(rules, refuse, SeccompAction::Allow, arch)?.try_into()?)
}

fn equals(place: u8, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(place, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

fn whole(place: u8, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(place, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, value)
}
