//! What only the C interface of the system has. Each function acts on the calling process alone, but [`kill_group`].

use std::io;

fn check(returned: libc::c_int) -> io::Result<()> {
    match returned {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = libc::c_int;

/// Limits a resource: `soft` is where a signal or an error comes, `hard` the bound that cannot be raised again.
pub(super) fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: soft as libc::rlim_t, rlim_max: hard as libc::rlim_t };
    // SAFETY: the pointer is to a value that lives through the call, which only reads it.
    check(unsafe { libc::setrlimit(resource, &raw const limit) })
}

/// Closes every file descriptor but the three standard ones.
pub(super) fn close_others() -> io::Result<()> {
    // SAFETY: called by the sandbox's child before it opens anything, so no value owns a descriptor that is closed here.
    let returned = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
    check(if returned == 0 { 0 } else { -1 })
}

/// Has the system kill this process when the thread that started it ends.
pub(super) fn die_with_parent() -> io::Result<()> {
    // SAFETY: takes plain numbers and touches no memory.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong, 0, 0, 0) })
}

/// Gives up for good what programs with more rights than their caller's would bring.
pub(super) fn no_new_privileges() -> io::Result<()> {
    // SAFETY: takes plain numbers and touches no memory.
    check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1_u64, 0_u64, 0_u64, 0_u64) })
}

/// Drops what root could have after the next program begins. Without root there is nothing to drop, and it fails;
/// so nothing is returned.
pub(super) fn drop_capabilities() {
    for capability in 0..64_u64 {
        // SAFETY: takes plain numbers and touches no memory.
        let _ = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0_u64, 0_u64, 0_u64) };
    }
}

/// Moves this process into a user, a network and a few more namespaces of its own.
pub(super) fn own_namespaces() -> io::Result<()> {
    let flags = libc::CLONE_NEWUSER | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
    // SAFETY: takes a plain number and touches no memory; the child has one thread, as a new user needs.
    check(unsafe { libc::unshare(flags) })
}

/// Kills every process of a group.
pub(super) fn kill_group(leader: u32) {
    let Ok(leader) = libc::pid_t::try_from(leader) else { return };
    // SAFETY: takes plain numbers and touches no memory. The leader has not been waited for, so its number cannot have
    // become another's. That the group is already gone is no failure.
    let _ = unsafe { libc::kill(-leader, libc::SIGKILL) };
}
