"""Attacks that take more than their share."""

from __future__ import annotations

from dataclasses import replace

from selftaught.testing.attacks.attack import LIMITS, Attack, control, tries

_THREADED = replace(LIMITS, threads=3)

FLOODS = (
    tries(
        "floods",
        "processes",
        """
        while True:
            if os.fork() == 0:
                while True: os.fork()
            print("REACHED")
        """,
    ),
    tries("floods", "processes by vfork", "return f'REACHED {syscall(58, -1)}'"),
    tries("floods", "processes by clone", "return f'REACHED {syscall(56, 220, 17, 0, 0, 0, 0)}'"),
    tries(
        "floods",
        "processes by clone3",
        """
        arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
        return f"REACHED {syscall(435, 435, ctypes.byref(arguments), 88)}"
        """,
    ),
    control(
        "floods",
        "a thread where there is none",
        """
        import threading
        threading.Thread(target=print, daemon=True).start()
        return "REACHED"
        """,
    ),
    tries(
        "floods",
        "threads",
        """
        import threading, time
        threading.stack_size(1 << 16)
        started = 0
        try:
            while started < 1000:
                threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
                started += 1
        except RuntimeError:
            pass
        return f"REACHED {started}" if started > 3 else None
        """,
        limits=_THREADED,
    ),
    tries(
        "floods",
        "all cores",
        """
        import hashlib, threading
        def work():
            while True: hashlib.sha256(bytes(1 << 20))
        for _ in range(3):
            threading.Thread(target=work, daemon=True).start()
        work()
        """,
        limits=_THREADED,
    ),
    tries("floods", "memory at once", "return 'REACHED' + str(len(bytearray(1 << 30)))"),
    tries(
        "floods",
        "memory bit by bit",
        """
        kept = []
        while True:
            kept.append(bytearray(1 << 20))
            if len(kept) > 300: return "REACHED"
        """,
    ),
    tries(
        "floods",
        "memory that is caught again",
        """
        kept, caught = [], 0
        while caught < 1_000_000:
            try:
                kept.append(bytes(4096))
            except MemoryError:
                caught += 1
        """,
    ),
    tries(
        "floods",
        "mapped memory",
        """
        import mmap
        kept = [mmap.mmap(-1, 1 << 26) for _ in range(64)]
        return f"REACHED {len(kept)}"
        """,
    ),
    control(
        "floods",
        "memory behind a descriptor",
        """
        number = os.memfd_create("x")
        return f"REACHED {os.write(number, bytes(1 << 20))}"
        """,
    ),
    tries(
        "floods",
        "descriptors",
        """
        kept = []
        try:
            while len(kept) < 5000: kept.append(os.dup(3))
        except OSError:
            pass
        return f"REACHED {len(kept)}" if len(kept) > 64 else None
        """,
    ),
    tries("floods", "output", "while True: print('x' * 10_000)"),
    tries(
        "floods",
        "output past the counter",
        """
        import sys
        sys.stdout._left = sys.stdout.limit = 1 << 40
        while True: print("x" * 10_000)
        """,
    ),
    tries("floods", "output of the C library", "while True: os.write(1, bytes(1 << 16))"),
    tries(
        "floods",
        "calls of the host",
        "while True:\n    try: ask('none', 'x' * 1000)\n    except RuntimeError: pass",
    ),
    tries(
        "floods",
        "calls of the host from nowhere",
        """
        import gc
        host = ask.__self__
        while True: host.send("ask", host.call, 1, "none", ["x" * 100_000])
        """,
        limits=_THREADED,
    ),
    tries("floods", "a large answer", "return bytes(100 << 20)"),
    tries("floods", "an answer of many parts", "return [[] for _ in range(1_000_000)]"),
    tries("floods", "a large number", "return 1 << (1 << 26)"),
    tries("floods", "a large error", "raise ValueError('x' * (50 << 20))"),
    tries(
        "floods",
        "depth",
        """
        answer = []
        for _ in range(100_000): answer = [answer]
        return answer
        """,
    ),
    tries(
        "floods",
        "depth within the format's bounds",
        """
        answer = []
        for _ in range(400): answer = [answer]
        return answer
        """,
    ),
    Attack(
        "floods", "a large program", "x = 0\n" * 3_000_000 + "def attack(world): return 'REACHED'"
    ),
    Attack(
        "floods", "a program nested deeply", "def attack(world): return " + "(" * 5000 + ")" * 5000
    ),
    Attack("floods", "constants that grow", "x = 9 ** 9 ** 9\ndef attack(world): return 'REACHED'"),
)
