//! Memory that is asked for over and over.

/// Has the C library keep memory that is given back, where it is glibc: it hands large pieces to the system and fetches them again
/// at each operation on tensors otherwise, which took 40 % of the time of a small model's training.
pub fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const LARGEST: i32 = 32 << 20;
        const AHEAD: i32 = 256 << 20;
        // SAFETY: these only set parameters of the allocator.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST);
            libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
            libc::mallopt(libc::M_TOP_PAD, AHEAD);
        }
    }
}
