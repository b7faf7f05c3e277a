"""Attacks on other processes."""

from __future__ import annotations

from selftaught.testing.attacks.attack import Attack, control, tries

PROCESSES = (
    control("processes", "a signal", "os.kill(world['canary'], 9)"),
    tries("processes", "a signal to the host", "os.kill(world['host'], 15); return 'REACHED'"),
    tries("processes", "a signal to the parent", "os.kill(os.getppid(), 9)"),
    tries("processes", "a signal to all", "os.kill(-1, 9); return 'REACHED'"),
    tries("processes", "a signal to its group", "os.kill(0, 9); os.killpg(0, 9)"),
    control(
        "processes",
        "a signal to a thread",
        "syscall(234, 131, world['canary'], world['canary'], 9)",
    ),
    control("processes", "a signal to any thread", "syscall(200, 130, world['canary'], 9)"),
    control(
        "processes",
        "a signal with a value",
        """
        info = ctypes.create_string_buffer(128)
        ctypes.c_int.from_buffer(info, 8).value = -1
        syscall(129, 138, world["canary"], 9, info)
        """,
    ),
    control(
        "processes",
        "a signal by descriptor",
        """
        import signal
        signal.pidfd_send_signal(os.pidfd_open(world["canary"]), 9)
        """,
    ),
    tries(
        "processes",
        "a signal by asynchronous input",
        """
        import fcntl
        for owner in (world["canary"], world["host"], os.getppid(), 1):
            for number in range(4):
                try:
                    fcntl.fcntl(number, fcntl.F_SETOWN, owner)
                    fcntl.fcntl(number, 10, 9)
                    flags = fcntl.fcntl(number, fcntl.F_GETFL)
                    fcntl.fcntl(number, fcntl.F_SETFL, flags | os.O_ASYNC)
                    print("REACHED", number)
                except OSError:
                    pass
        """,
    ),
    control(
        "processes",
        "another's limits",
        """
        import resource
        resource.prlimit(world["canary"], resource.RLIMIT_CPU, (1, 1))
        return "REACHED"
        """,
    ),
    control(
        "processes",
        "another's priority",
        "os.setpriority(os.PRIO_PROCESS, world['canary'], 19); return 'REACHED'",
    ),
    control(
        "processes",
        "another's cores",
        "os.sched_setaffinity(world['canary'], {0}); return 'REACHED'",
    ),
    control(
        "processes",
        "tracing",
        """
        syscall(101, 117, 0x4206, world["canary"], 0, 0)
        return "REACHED"
        """,
    ),
    tries(
        "processes",
        "another's memory",
        """
        buffer = ctypes.create_string_buffer(64)
        vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
        syscall(310, 270, world["host"], vector, 1, vector, 1, 0)
        return "REACHED"
        """,
    ),
    tries(
        "processes",
        "another's descriptors",
        "return f'REACHED {syscall(438, 438, os.pidfd_open(world[\"host\"]), 0, 0)}'",
    ),
    Attack(
        "processes",
        "another program",
        """
        import subprocess
        def attack(world):
            return "REACHED" + subprocess.check_output(["/bin/echo", "x"], text=True)
        """,
        is_control=True,
    ),
    tries(
        "processes",
        "becoming another program",
        "os.execv('/bin/sh', ['sh', '-c', f'touch {world[\"folder\"]}/new; sleep 9'])",
    ),
    control("processes", "a child", "return 'REACHED' if os.fork() else os._exit(0)"),
    tries(
        "processes",
        "a child of multiprocessing",
        """
        import multiprocessing
        with multiprocessing.get_context("fork").Pool(2) as pool:
            return f"REACHED {pool.map(abs, [1])}"
        """,
    ),
)
