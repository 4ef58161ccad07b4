# Small attempts to get out of the sandbox. Each must fail; a line that says THROUGH is an attempt that did not.
# OUTSIDE, a file that anybody may read, and PARENT, a process, are set above this text.
import os


def attempt(name, way):
    try:
        way()
    except (OSError, ImportError) as error:
        print(name, "HELD", type(error).__name__, flush=True)
    else:
        print(name, "THROUGH", flush=True)


def connect():
    import socket
    socket.create_connection(("127.0.0.1", 9), 1)


def datagram():
    import socket
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def unix():
    import socket
    socket.socketpair()


def fork():
    if os.fork() == 0:
        os._exit(0)


def link():
    os.symlink(OUTSIDE, "link")
    open("link").read()


attempt("read-a-file-outside", lambda: open(OUTSIDE).read())
attempt("write-a-file-outside", lambda: open(OUTSIDE, "a").write("x"))
attempt("make-a-file-outside", lambda: open(OUTSIDE + ".new", "w"))
attempt("follow-a-link-outside", link)
attempt("list-the-root", lambda: os.listdir("/"))
attempt("read-of-processes", lambda: open("/proc/self/status").read())
attempt("connect", connect)
attempt("open-a-socket", datagram)
attempt("open-a-pair-of-sockets", unix)
attempt("fork", fork)
attempt("start-a-program", lambda: os.posix_spawn("/bin/sh", ["sh", "-c", ":"], {}))
attempt("become-a-program", lambda: os.execv("/bin/sh", ["sh", "-c", "echo become-a-program THROUGH"]))
attempt("signal-the-parent", lambda: os.kill(PARENT, 0))

with open("inside", "w") as file:
    file.write("works")
print("works" if open("inside").read() == "works" and sum(range(5)) == 10 else "fails")
