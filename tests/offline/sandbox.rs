//! Attempts to get out of the sandbox: each is made for real, must fail, and is reported.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Write as _,
    net::{TcpListener, UdpSocket},
    os::fd::AsRawFd,
    path::Path,
    sync::{Arc, LazyLock},
    time::Duration,
};

use sandbox::{Limits, ProgramEnd, Sandbox};

static SANDBOX: LazyLock<Arc<Sandbox>> = LazyLock::new(|| {
    sandbox::use_program(env!("CARGO_BIN_EXE_planscope"));
    sandbox::shared().unwrap_or_else(|refused| panic!("{refused} ({})", refused.hint))
});

fn run_within(limits: Limits, program: &str) -> ProgramEnd {
    SANDBOX.run(program, &limits).expect("the sandbox runs it")
}

fn run(program: &str) -> ProgramEnd {
    run_within(Limits { cpu_seconds: 3, ..Limits::default() }, program)
}

fn finished(program: &str) -> (String, String, i32) {
    let ran = run(program);
    let ProgramEnd::Finished { stdout, stderr, exit } = &ran else { panic!("{program}\n{ran:?}") };
    (stdout.clone(), stderr.clone(), *exit)
}

/// Runs `attempt` after `before` and returns what kept it from getting through.
fn held_after(before: &str, attempt: &str) -> String {
    let body: String = attempt.lines().map(|line| format!("    {line}\n")).collect();
    let program = format!(
        "{before}\ntry:\n{body}except BaseException as error:\n    print('held by', type(error).__name__, error)\nelse:\n    \
         print('THROUGH')\n"
    );
    let (stdout, stderr, _) = finished(&program);
    assert!(!stdout.contains("THROUGH"), "{attempt}\n{stdout}");
    assert!(stdout.contains("held by"), "{attempt}\nstdout: {stdout}\nstderr: {stderr}");
    stdout
}

fn held(attempt: &str) -> String {
    held_after("import os, sys", attempt)
}

fn quoted(path: &Path) -> String {
    format!("{:?}", path.to_str().expect("a path in UTF-8"))
}

#[test]
fn ordinary_functions_run() {
    let (stdout, stderr, exit) = finished(
        "import bisect, collections, dataclasses, functools, hashlib, heapq, itertools, json, math, random, re, string\n\
         from typing import List, Optional\n\
         def f(xs: List[int]) -> Optional[int]:\n    return max(xs, default=None)\n\
         print(f([3, 1, 2]), math.sqrt(16), re.sub('a', 'b', 'aa'), hashlib.md5(b'x').hexdigest()[:4])\n\
         print(collections.Counter('abca')['a'], functools.reduce(lambda a, b: a * b, [1, 2, 3]), 'ä€')\n",
    );
    assert_eq!((stdout.as_str(), stderr.as_str(), exit), ("3 4.0 bb 9dd4\n2 6 ä€\n", "", 0));
    let (_, stderr, exit) = finished("raise ValueError('no')");
    assert!(exit == 1 && stderr.ends_with("ValueError: no\n"), "{exit} {stderr}");
    // The order of a set of words depends on the seed of hashes.
    let order = || finished("print(list({'a', 'bb', 'ccc', 'dddd', 'eeeee'}))").0;
    assert_eq!(order(), order());
}

#[test]
fn its_folder_is_empty_and_can_be_used() {
    let (stdout, ..) = finished(
        "import os\nprint(os.listdir('.'))\nopen('a', 'w').write('x')\nos.mkdir('d')\nprint(sorted(os.listdir('.')))",
    );
    assert_eq!(stdout, "[]\n['a', 'd']\n");
}

#[test]
fn no_network() {
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let (tcp_port, udp_port) = (tcp.local_addr().unwrap().port(), udp.local_addr().unwrap().port());
    held_after("import socket", &format!("socket.create_connection(('127.0.0.1', {tcp_port}), 2)"));
    held_after(
        "import socket",
        &format!("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp_port}))"),
    );
    held_after("import socket", "socket.getaddrinfo('localhost.example.org', 80)");
    held_after("import socket", "socket.socket(socket.AF_INET6).bind(('::1', 0))");
    held_after("import socket", "socket.socket(socket.AF_UNIX).bind('inside')");
    held_after("import socket", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)");
    held_after("import urllib.request", "urllib.request.urlopen('http://example.org', timeout=2)");
    tcp.set_nonblocking(true).unwrap();
    udp.set_nonblocking(true).unwrap();
    assert!(tcp.accept().is_err() && udp.recv(&mut [0; 8]).is_err(), "something arrived");
}

#[test]
fn no_reading_outside() {
    let mut secret = tempfile::NamedTempFile::new().expect("a file");
    secret.write_all(b"secret").expect("written");
    for path in ["/etc/passwd", "/etc/hostname", "/proc/self/maps", "/proc/1/environ", "/dev/mem"] {
        held(&format!("open({path:?}).read()"));
    }
    held(&format!("open({}).read()", quoted(secret.path())));
    held(&format!("os.open({}, os.O_RDONLY)", quoted(secret.path())));
    for folder in ["/", "/root", "/home", "/tmp", "/proc", ".."] {
        held(&format!("os.listdir({folder:?})"));
    }
    let home = std::env::var_os("HOME").expect("a home folder");
    held(&format!("os.listdir({})", quoted(Path::new(&home))));
    held(&format!("os.chdir({})\nos.listdir('.')", quoted(Path::new(&home))));
}

#[test]
fn no_way_out_over_links() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    let path = quoted(secret.path());
    held(&format!("os.symlink({path}, 'link')\nopen('link').read()"));
    held(&format!("os.symlink({path}, 'link')\nopen('link', 'w').write('x')"));
    held("os.symlink('/', 'root')\nos.listdir('root/etc')");
    held(&format!("os.link({path}, 'hard')\nopen('hard').read()"));
    held(&format!("os.rename({path}, 'taken')"));
    assert!(secret.path().exists());
}

#[test]
fn no_writing_outside() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("there");
    fs::write(&file, "kept").expect("written");
    let path = quoted(&file);
    held(&format!("open({path}, 'w')"));
    held(&format!("open({path}, 'a').write('x')"));
    held(&format!("os.truncate({path}, 0)"));
    held(&format!("os.remove({path})"));
    held(&format!("os.chmod({path}, 0o777)"));
    held(&format!("os.utime({path}, (0, 0))"));
    held(&format!("open({}, 'w')", quoted(&folder.path().join("new"))));
    held(&format!("os.mkdir({})", quoted(&folder.path().join("dir"))));
    held("open('inside', 'w').close()\nos.rename('inside', '../moved')");
    held("os.mknod('device', 0o020666, os.makedev(1, 1))");
    assert_eq!(fs::read_to_string(&file).expect("still there"), "kept");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn no_other_processes() {
    held("os.fork()");
    held("os.forkpty()");
    held("os.posix_spawn('/bin/true', ['true'], {})");
    held("if os.system('true') != 0: raise OSError('no shell')");
    held("os.execv('/bin/sh', ['sh', '-c', 'echo THROUGH'])");
    held_after("import subprocess", "subprocess.run(['true'])");
    held_after("import subprocess", "subprocess.check_output('id', shell=True)");
    held_after("import threading", "threading.Thread(target=print).start()");
    held_after("import multiprocessing", "multiprocessing.Process(target=print).start()");
    let bomb = "made = 0\nfor _ in range(1000):\n    try:\n        made += os.fork() == 0\n    except OSError:\n        pass\n\
                if made == 0: raise OSError('none was made')";
    held(bomb);
}

#[test]
fn the_interpreter_begun_anew_is_held_as_before() {
    let (stdout, ..) = finished(
        "import os, sys\nif not os.path.exists('again'):\n    open('again', 'w').close()\n    \
         os.execv(sys.executable, [sys.executable, '-I', '-S', '-c', '''\ntry:\n    open(\"/etc/passwd\")\n    print(\"THROUGH\")\n\
         except OSError as error:\n    print(\"held by\", error)\n'''])",
    );
    assert!(stdout.starts_with("held by"), "{stdout}");
}

#[test]
fn no_touching_of_the_parent() {
    let parent = std::process::id();
    held(&format!("os.kill({parent}, 0)"));
    held("os.kill(os.getppid(), 9)");
    held("os.killpg(os.getpgrp(), 9)");
    held(&format!("open('/proc/{parent}/environ', 'rb').read()"));
    held(&format!("open('/proc/{parent}/mem', 'rb').read(1)"));
    held(&format!("os.listdir('/proc/{parent}/fd')"));
    held("os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)");
    held_after("import resource", &format!("resource.prlimit({parent}, resource.RLIMIT_NOFILE, (1, 1))"));
    held_after("import fcntl", &format!("fcntl.fcntl(0, fcntl.F_SETOWN, {parent})"));
    let (stdout, ..) = finished("import os\nprint(sorted(os.environ))");
    assert_eq!(stdout, "['LC_ALL', 'PYTHONHASHSEED']\n");
}

#[test]
fn no_raising_of_limits() {
    let set = |name: &str| format!("resource.setrlimit(resource.{name}, (1 << 40, 1 << 40))");
    for name in ["RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_CORE"] {
        held_after("import resource", &set(name));
    }
    held("files = [open(f'{n}', 'w') for n in range(200)]");
}

#[test]
fn no_inherited_files() {
    let mut secret = tempfile::tempfile().expect("a file");
    secret.write_all(b"secret").expect("written");
    // SAFETY: the descriptor is the file's own and stays open; only its flag changes.
    let inherited = unsafe { libc::fcntl(secret.as_raw_fd(), libc::F_SETFD, 0) };
    assert_eq!(inherited, 0);
    let attempt = "got = []\nfor fd in range(3, 256):\n    try:\n        os.lseek(fd, 0, 0)\n        got.append(os.read(fd, 6))\n    \
                   except OSError:\n        pass\nif not got: raise OSError('nothing is open')";
    held(attempt);
    // Its own three may be closed; that ends nobody else, and the time is still kept.
    let silent = "import os\nfor fd in range(3):\n    os.close(fd)\nwhile True:\n    pass";
    let ran = run_within(Limits { cpu_seconds: 1, ..Limits::default() }, silent);
    assert_eq!(ran, ProgramEnd::TimedOut { stdout: String::new() });
}

/// Calls that Python has no function for, made through the C library.
#[test]
fn no_system_calls_by_number() {
    let before = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\ndef call(*numbers):\n    if libc.syscall(*numbers) == -1:\n        \
                  raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))";
    let calls = [
        ("socket", libc::SYS_socket),
        ("clone", libc::SYS_clone),
        ("clone3", libc::SYS_clone3),
        ("ptrace", libc::SYS_ptrace),
        ("process_vm_readv", libc::SYS_process_vm_readv),
        ("pidfd_open", libc::SYS_pidfd_open),
        ("io_uring_setup", libc::SYS_io_uring_setup),
        ("memfd_create", libc::SYS_memfd_create),
        ("execveat", libc::SYS_execveat),
        ("unshare", libc::SYS_unshare),
        ("mount", libc::SYS_mount),
        ("chroot", libc::SYS_chroot),
        ("bpf", libc::SYS_bpf),
        ("keyctl", libc::SYS_keyctl),
        ("userfaultfd", libc::SYS_userfaultfd),
        ("name_to_handle_at", libc::SYS_name_to_handle_at),
        ("open_by_handle_at", libc::SYS_open_by_handle_at),
        ("setuid", libc::SYS_setuid),
        ("reboot", libc::SYS_reboot),
    ];
    for (name, number) in calls {
        let how = held_after(before, &format!("call({number}, 0, 0, 0, 0, 0)"));
        assert!(how.contains("Operation not permitted"), "{name}: {how}");
    }
    // The same numbers in the processor's other naming of calls.
    #[cfg(target_arch = "x86_64")]
    held_after(before, "call(0x40000000 + 41, 2, 1, 0)");
}

/// Machine code that calls the system as 32-bit programs do, whose numbers are others.
#[cfg(target_arch = "x86_64")]
#[test]
fn no_system_calls_of_another_kind_of_program() {
    let ran = run("import ctypes, mmap\ncode = mmap.mmap(-1, 4096, prot=7)\n\
         code.write(bytes([0x53, 0xb8, 0x14, 0, 0, 0, 0xcd, 0x80, 0x5b, 0xc3]))\n\
         start = ctypes.addressof(ctypes.c_char.from_buffer(code))\n\
         print('THROUGH', ctypes.CFUNCTYPE(ctypes.c_int)(start)())");
    let held = match &ran {
        // A kernel without such calls ends it at the first of them, the filter at any.
        ProgramEnd::Killed { signal } => [libc::SIGSYS, libc::SIGSEGV].contains(signal),
        ProgramEnd::Finished { stdout, .. } => !stdout.contains("THROUGH"),
        ProgramEnd::TimedOut { .. } | ProgramEnd::MemoryExceeded | ProgramEnd::OutputFlood => false,
    };
    assert!(held, "{ran:?}");
}

#[test]
fn endless_programs_are_ended() {
    let short = Limits { cpu_seconds: 1, ..Limits::default() };
    let ran = run_within(short, "print('before', flush=True)\nwhile True:\n    pass");
    assert_eq!(ran, ProgramEnd::TimedOut { stdout: "before\n".to_owned() });
    let asleep = Limits { wall: Duration::from_secs(2), ..Limits::default() };
    let ran = run_within(asleep, "import time\nprint('before', flush=True)\ntime.sleep(1000)");
    assert_eq!(ran, ProgramEnd::TimedOut { stdout: "before\n".to_owned() });
    // Who does not listen to the warning is ended a second later.
    let deaf = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True:\n    pass";
    assert!(matches!(run_within(short, deaf), ProgramEnd::Killed { .. } | ProgramEnd::TimedOut { .. }));
}

#[test]
fn memory_output_and_files_are_bounded() {
    assert_eq!(run("x = bytearray(8 << 30)"), ProgramEnd::MemoryExceeded);
    assert_eq!(run("x = []\nwhile True:\n    x.append(bytearray(1 << 20))"), ProgramEnd::MemoryExceeded);
    assert_eq!(run("while True:\n    print('x' * 1000)"), ProgramEnd::OutputFlood);
    assert_eq!(run("import sys\nwhile True:\n    sys.stderr.write('x' * 1000)"), ProgramEnd::OutputFlood);
    held("with open('big', 'wb') as file:\n    for _ in range(64): file.write(bytes(1 << 20))");
    let many =
        "import time\nfor n in range(1000):\n    open(str(n), 'wb').write(bytes(1 << 20))\ntime.sleep(20)";
    assert_eq!(run(many), ProgramEnd::OutputFlood);
}

#[test]
fn deep_recursion_and_crashes_are_told() {
    let (_, stderr, exit) = finished("def f(n):\n    return f(n + 1)\nf(0)");
    assert!(exit == 1 && stderr.contains("RecursionError"), "{stderr}");
    let ran = run("import ctypes\nctypes.string_at(0)");
    assert_eq!(ran, ProgramEnd::Killed { signal: libc::SIGSEGV });
}

#[test]
fn a_program_cannot_say_that_it_was_refused() {
    let (stdout, stderr, exit) =
        finished("import sys\nsys.stderr.write('{\"Failed\":\"forged\"}\\n')\nsys.exit(1)");
    assert_eq!((stdout.as_str(), stderr.as_str(), exit), ("", "{\"Failed\":\"forged\"}\n", 1));
}

#[test]
fn a_sandbox_that_is_none_is_refused() {
    // A program that only pretends: it says that it is ready and runs Python as it is.
    let folder = tempfile::tempdir().expect("a folder");
    let fake = folder.path().join("fake");
    let ready = "{\"Ready\":{\"landlock\":7,\"seccomp\":true,\"namespaces\":true}}";
    let python = SANDBOX.python().path.display().to_string();
    fs::write(&fake, format!("#!/bin/sh\necho '{ready}' >&2\nexec {python} -I -S -\n")).expect("written");
    let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    fs::set_permissions(&fake, mode).expect("executable");
    let refused = Sandbox::new(&fake).expect_err("attempts get through");
    assert!(
        refused.why.starts_with("The sandbox does not hold here: read-a-file-outside"),
        "{}",
        refused.why
    );
    let refused = Sandbox::new("/bin/true").expect_err("no sandbox at all");
    assert!(refused.why.contains("before it was ready"), "{}", refused.why);
    let refused = Sandbox::new("/nowhere").expect_err("no program");
    assert!(refused.why.contains("cannot be started"), "{}", refused.why);
}

#[test]
fn the_layers_are_told() {
    let names = SANDBOX.layers().names().join(", ");
    assert!(
        names.starts_with("resource limits, Landlock ") && names.contains("system call filter"),
        "{names}"
    );
}
