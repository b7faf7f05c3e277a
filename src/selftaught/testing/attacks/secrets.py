"""Attacks that look for what they must not know."""

from __future__ import annotations

from selftaught.testing.attacks.attack import LIMITS, control, tries

SECRETS = (
    control("secrets", "environment", "return dict(os.environ)"),
    control(
        "secrets",
        "environment of the C library",
        """
        environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
        found, i = [], 0
        while environ[i]:
            found.append(environ[i].decode())
            i += 1
        return found
        """,
    ),
    control(
        "secrets",
        "environment of others in /proc",
        "return open(f'/proc/{world[\"canary\"]}/environ').read()",
    ),
    control("secrets", "a file by its path", "return open(world['file']).read()"),
    control(
        "secrets",
        "a file by descriptor of a folder",
        """
        folder = os.open(world["folder"], os.O_PATH | os.O_DIRECTORY)
        return os.read(os.open("secret", os.O_RDONLY, dir_fd=folder), 100).decode()
        """,
    ),
    control(
        "secrets",
        "the accounts of the machine",
        "return 'REACHED' if 'root:' in open('/etc/passwd').read() else None",
    ),
    control(
        "secrets",
        "the reference solutions",
        """
        for folder, _, files in os.walk(world["package"]):
            if "reference.py" in files:
                return "REACHED " + open(folder + "/reference.py").read()[:20]
        """,
    ),
    tries(
        "secrets",
        "inherited descriptors",
        """
        found = []
        for number in range(4, 1024):
            try:
                os.fstat(number)
                found.append(number)
            except OSError:
                pass
        return f"REACHED {found}" if found else None
        """,
    ),
    tries(
        "secrets",
        "everything in memory",
        """
        import gc, sys
        texts = [o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))]
        return [repr(o)[:2000] for o in texts if len(o) < 50][:3000]
        """,
        limits=LIMITS,
    ),
    control(
        "secrets",
        "memory of the host in /proc",
        "return 'REACHED' if open(f'/proc/{world[\"host\"]}/maps').read() else None",
    ),
    tries(
        "secrets",
        "other processes in /proc",
        """
        others = [n for n in os.listdir('/proc') if n.isdigit() and int(n) != os.getpid()]
        return f"REACHED {others}" if others else None
        """,
    ),
    tries(
        "secrets",
        "the kernel's log and name of the machine",
        """
        name = os.uname().nodename
        open('/proc/sys/kernel/hostname').read()
        return "REACHED " + name
        """,
    ),
)
