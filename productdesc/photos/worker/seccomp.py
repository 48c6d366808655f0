"""Seccomp filter of a child process: the few system calls that arithmetic on memory needs.

Every other call gives EPERM: `open`, `socket`, `connect`, `execve`, `fork`, `kill`. Linux
on x86-64 and AArch64 only. It imports the standard library alone: it runs in the child.

To allow a call: a row in ALLOWED, with both numbers and the reason.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys
from typing import NamedTuple


class Call(NamedTuple):
    """One allowed system call: its numbers (-1: the machine has none), and what for."""

    x86_64: int
    aarch64: int
    why: str


# Numbers: Linux's arch/x86/entry/syscalls/syscall_64.tbl and asm-generic/unistd.h
ALLOWED = {
    "read": Call(0, 63, "the pipe from its parent"),
    "write": Call(1, 64, "the pipe to its parent"),
    "readv": Call(19, 65, "the same"),
    "writev": Call(20, 66, "the same; the C library's last words"),
    "close": Call(3, 57, "its end"),
    "fstat": Call(5, 80, "what a pipe is"),
    "lseek": Call(8, 62, "a pipe says that it cannot"),
    "poll": Call(7, -1, "waits for a pipe"),
    "ppoll": Call(271, 73, "the same"),
    "brk": Call(12, 214, "memory"),
    "mmap": Call(9, 222, "memory"),
    "mprotect": Call(10, 226, "memory"),
    "munmap": Call(11, 215, "memory"),
    "mremap": Call(25, 216, "memory"),
    "madvise": Call(28, 233, "memory"),
    "futex": Call(202, 98, "locks"),
    "membarrier": Call(324, 283, "locks"),
    "rseq": Call(334, 293, "which core it is on, for the C library"),
    "getcpu": Call(309, 168, "the same"),
    "sched_yield": Call(24, 124, "waits"),
    "nanosleep": Call(35, 101, "waits"),
    "clock_nanosleep": Call(230, 115, "waits"),
    "restart_syscall": Call(219, 128, "goes on waiting after a signal"),
    "sched_getaffinity": Call(204, 123, "how many cores there are"),
    "clock_gettime": Call(228, 113, "time"),
    "clock_getres": Call(229, 114, "time"),
    "gettimeofday": Call(96, 169, "time"),
    "time": Call(201, -1, "time"),
    "times": Call(100, 153, "its own processor time"),
    "getrusage": Call(98, 165, "its own processor time"),
    "sysinfo": Call(99, 179, "how much memory there is"),
    "getpid": Call(39, 172, "its own number"),
    "gettid": Call(186, 178, "the same"),
    "getrandom": Call(318, 278, "seeds of hash tables"),
    "setitimer": Call(38, 103, "the timer of each request"),
    "getrlimit": Call(97, 163, "the limits of each request"),
    "setrlimit": Call(160, 164, "the same"),
    "rt_sigaction": Call(13, 134, "signals to itself"),
    "rt_sigprocmask": Call(14, 135, "the same"),
    "rt_sigreturn": Call(15, 139, "the same"),
    "sigaltstack": Call(131, 132, "the same"),
    "set_robust_list": Call(273, 99, "a new thread's locks"),
    "exit": Call(60, 93, "its end"),
    "exit_group": Call(231, 94, "its end"),
}
# Sets limits of other processes too: allowed where the first argument, the process, is 0.
OF_ITSELF = Call(302, 261, "prlimit64: the limits of each request")
# Makes threads and processes: allowed with CLONE_THREAD alone. libde265 (HEIC) has threads
# whatever it is told, and dies where it gets none.
CLONE = Call(56, 220, "clone")
# The same with its flags where no filter can look: the C library goes back to `clone`.
CLONE3 = Call(435, 435, "clone3")

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_...: linux/audit.h
_LOAD, _EQUAL, _HAS, _RETURN = 0x20, 0x15, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _REFUSE, _END = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # 1: EPERM
_UNKNOWN = 0x00050000 | 38  # ENOSYS
_CLONE_THREAD = 0x00010000  # linux/sched.h
_NUMBER_AT, _MACHINE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16  # of struct seccomp_data
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2  # linux/prctl.h


def instructions(machine: str) -> bytes:
    """The filter as BPF; raises `KeyError` for a machine that it has no numbers of."""
    known = _MACHINES[machine]
    allowed = [n for call in ALLOWED.values() if (n := getattr(call, machine)) >= 0]
    body = [(_LOAD, 0, 0, _MACHINE_AT), (_EQUAL, 1, 0, known), (_RETURN, 0, 0, _END)]
    body.append((_LOAD, 0, 0, _NUMBER_AT))
    for number in allowed:
        body += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    body += [(_EQUAL, 0, 1, getattr(CLONE3, machine)), (_RETURN, 0, 0, _UNKNOWN)]
    for call, test in (
        (OF_ITSELF, (_EQUAL, 0, 1, 0)),
        (CLONE, (_HAS, 0, 1, _CLONE_THREAD)),
    ):
        body += [(_EQUAL, 0, 4, getattr(call, machine)), (_LOAD, 0, 0, _FIRST_ARGUMENT_AT)]
        body += [test, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    body.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("=HBBI", *one) for one in body)


class _Program(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ushort), ("code", ctypes.c_char_p))


def install() -> bool:
    """Filter the system calls of this process from here on; False where that cannot be."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    code = instructions(platform.machine())
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    program = _Program(len(code) // 8, code)
    pointer = ctypes.byref(program)
    return bool(
        prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        and prctl(_SET_SECCOMP, _FILTER, pointer, 0, 0) == 0
    )
