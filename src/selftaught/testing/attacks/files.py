"""Attacks that write where nothing may be written."""

from __future__ import annotations

from dataclasses import replace

from selftaught.testing.attacks.attack import LIMITS, Attack, control, tries

_WITH_FOLDER = replace(LIMITS, threads=2, writable_bytes=1 << 20)

FILES = (
    control("files", "a new file", "open(world['folder'] + '/new', 'w').write('x')"),
    control("files", "overwriting", "open(world['file'], 'w').write('x')"),
    control("files", "appending", "open(world['file'], 'a').write('x')"),
    control("files", "truncating", "os.truncate(world['file'], 0)"),
    control("files", "removing", "os.unlink(world['file'])"),
    control("files", "renaming", "os.rename(world['file'], world['folder'] + '/other')"),
    control("files", "a new folder", "os.mkdir(world['folder'] + '/new')"),
    control("files", "a symbolic link", "os.symlink('/etc', world['folder'] + '/link')"),
    control("files", "a hard link", "os.link(world['file'], world['folder'] + '/link')"),
    control("files", "a pipe in the file system", "os.mkfifo(world['folder'] + '/pipe')"),
    control("files", "permissions", "os.chmod(world['file'], 0o600)"),
    control("files", "times", "os.utime(world['file'], (0, 0))"),
    control(
        "files",
        "a file without a name",
        """
        number = os.open(world["folder"], os.O_TMPFILE | os.O_WRONLY)
        return f"REACHED {os.write(number, b'x')}"
        """,
    ),
    control(
        "files",
        "shared memory of the machine",
        """
        path = f"/dev/shm/attack-{os.getpid()}"
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        os.unlink(path)
        return "REACHED"
        """,
    ),
    tries(
        "files",
        "the packages of later programs",
        """
        path = world["numpy"] + "/attack.py"
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        return "REACHED"
        """,
    ),
    tries(
        "files",
        "anywhere at all",
        """
        written = []
        for folder in ("/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/run", "/usr", "/etc", "."):
            try:
                os.close(os.open(folder + "/attack", os.O_CREAT | os.O_WRONLY))
                os.unlink(folder + "/attack")
                written.append(folder)
            except OSError:
                pass
        return f"REACHED {written}" if written else None
        """,
    ),
    Attack(
        "files",
        "more than the folder holds",
        """
        import tempfile
        def attack(world):
            try:
                with open(tempfile.gettempdir() + "/big", "wb") as file:
                    for _ in range(64):
                        file.write(bytes(1 << 20))
            except OSError:
                pass
            size = os.stat(tempfile.gettempdir() + "/big").st_size
            return f"REACHED {size}" if size > 1 << 20 else None
        """,
        _WITH_FOLDER,
    ),
    tries(
        "files",
        "more files than the folder holds",
        """
        import tempfile
        made = 0
        try:
            for made in range(200_000):
                os.close(os.open(f"{tempfile.gettempdir()}/{made}", os.O_CREAT | os.O_WRONLY))
        except OSError:
            pass
        return f"REACHED {made}" if made > 1000 else None
        """,
        limits=_WITH_FOLDER,
    ),
    tries(
        "files",
        "out of the folder by a link",
        """
        import tempfile
        os.symlink(world["folder"], tempfile.gettempdir() + "/link")
        open(tempfile.gettempdir() + "/link/new", "w").write("x")
        """,
        limits=_WITH_FOLDER,
    ),
    tries(
        "files",
        "a name of the next program",
        """
        import tempfile
        old = os.listdir(tempfile.gettempdir())
        open(tempfile.gettempdir() + "/sitecustomize.py", "w").write("raise SystemExit")
        return f"REACHED {old}" if old else None
        """,
        limits=_WITH_FOLDER,
    ),
)
