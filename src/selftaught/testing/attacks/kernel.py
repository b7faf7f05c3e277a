"""Attacks on the kernel: doors that no program of ours needs."""

from __future__ import annotations

from selftaught.testing.attacks.attack import Attack, tries

# Name: number on x86-64, number on arm64, arguments.
_DOORS = {
    "a user namespace": (272, 97, "0x10000000"),
    "a mount namespace": (272, 97, "0x00020000"),
    "joining a namespace": (308, 268, "0, 0"),
    "mounting": (165, 40, "b'none', b'/tmp', b'tmpfs', 0, None"),
    "unmounting": (166, 39, "b'/', 2"),
    "another root": (161, 51, "b'/'"),
    "another root by pivot": (155, 41, "b'/', b'/'"),
    "io_uring": (425, 425, "8, ctypes.create_string_buffer(200)"),
    "bpf": (321, 280, "0, ctypes.create_string_buffer(64), 64"),
    "keys": (250, 219, "0, -3, 1"),
    "a new key": (248, 217, "b'user', b'x', b'y', 1, -3"),
    "performance events": (298, 241, "ctypes.create_string_buffer(128), 0, -1, -1, 0"),
    "user faults": (323, 282, "0x801"),
    "a module": (313, 273, "0, b'', 0"),
    "another kernel": (246, 104, "0, 0, None, 0"),
    "restarting": (169, 142, "0xfee1dead, 672274793, 0, None"),
    "swap": (167, 224, "b'/swap', 0"),
    "the clock": (227, 112, "0, (ctypes.c_long * 2)(1, 1)"),
    "the machine's name": (170, 161, "b'x', 1"),
    "files by handle": (304, 265, "-100, ctypes.create_string_buffer(64), 0"),
    "a filter of its own": (317, 277, "1, 0, None"),
    "memory with a name": (319, 279, "b'x', 0"),
    "secret memory": (447, 447, "0"),
    "shared memory": (29, 194, "0, 4096, 0o1600"),
    "a message queue": (240, 180, "b'x', 0o102, 0o600, None"),
    "watching files": (294, 26, "0"),
    "watching all files": (300, 262, "0, 0"),
    "another user": (105, 146, "0"),
    "capabilities": (126, 91, "(ctypes.c_uint * 2)(0x20080522, 0), (ctypes.c_uint * 6)(*[~0] * 6)"),
    "a new session": (112, 157, ""),
    "locked memory": (149, 228, "0, 4096"),
    "a timer that signals others": (222, 107, "0, None, ctypes.create_string_buffer(8)"),
}


def _door(name: str, x86: int, arm: int, arguments: str) -> Attack:
    call = f"syscall({x86}, {arm}, {arguments})"
    return tries("kernel", name, f"return f'REACHED {{{call.replace(chr(39), chr(34))}}}'")


KERNEL = (
    *(_door(name, *door) for name, door in _DOORS.items()),
    tries(
        "kernel",
        "calls of another architecture",
        """
        import mmap
        if IS_ARM:
            return
        page = mmap.mmap(-1, 4096, prot=7)
        page.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        number = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
        return f"REACHED {number}" if number > 0 else None
        """,
    ),
    tries(
        "kernel",
        "calls of the x32 interface",
        "return None if IS_ARM else f'REACHED {syscall(0x40000000 + 39, 0)}'",
    ),
    tries(
        "kernel",
        "being looked into again",
        "return None if libc.prctl(4, 1, 0, 0, 0) else 'REACHED'",
    ),
    tries(
        "kernel",
        "outliving its parent",
        "return None if libc.prctl(1, 0, 0, 0, 0) else 'REACHED'",
    ),
)
