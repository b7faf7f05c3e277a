"""Attacks that want the host to wait."""

from __future__ import annotations

from dataclasses import replace

from selftaught.testing.attacks.attack import LIMITS, Attack, tries

HANGS = (
    tries("hangs", "computing", "while True: pass"),
    tries("hangs", "sleeping", "import time; time.sleep(1000)"),
    tries(
        "hangs",
        "computing deaf",
        """
        import signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass
        """,
    ),
    tries("hangs", "a pattern that explodes", "import re; re.match('(a+)+$', 'a' * 60 + 'b')"),
    tries("hangs", "a number that explodes", "return len(str(7 ** 10 ** 8))"),
    tries("hangs", "stopping itself", "import signal; os.kill(os.getpid(), signal.SIGSTOP)"),
    tries(
        "hangs",
        "waiting for itself",
        "import threading; threading.Lock().acquire(); "
        "lock = threading.Lock(); lock.acquire(); lock.acquire()",
    ),
    tries("hangs", "waiting for a signal", "import signal; signal.pause()"),
    tries(
        "hangs",
        "catching everything",
        """
        while True:
            try:
                while True: pass
            except BaseException: pass
        """,
    ),
    tries(
        "hangs",
        "a frame, byte by byte",
        """
        import time
        for byte in frame(bytes(1000)):
            os.write(3, bytes([byte]))
            time.sleep(0.01)
        """,
    ),
    tries(
        "hangs",
        "half a frame",
        "os.write(3, bytes([200, 0, 0, 0, 1])); import time; time.sleep(99)",
    ),
    tries(
        "hangs",
        "never reading an answer",
        """
        host = ask.__self__
        for number in range(1, 10_000):
            host.send("ask", host.call, number, "none" * 1000, [])
        import time; time.sleep(99)
        """,
    ),
    Attack("hangs", "while it is loaded", "while True: pass\ndef attack(world): pass"),
    Attack(
        "hangs", "asleep while it is loaded", "import time\ntime.sleep(99)\ndef attack(world): pass"
    ),
    tries(
        "hangs",
        "in the text of its error",
        """
        class Endless(Exception):
            def __str__(self):
                while True: pass
        raise Endless
        """,
    ),
    tries(
        "hangs",
        "when its answer is let go",
        """
        class Endless:
            def __del__(self):
                while True: pass
        kept = Endless()
        return 1
        """,
    ),
    tries("hangs", "an iterator without end", "import itertools; return list(itertools.count())"),
    tries(
        "hangs",
        "a thread that goes on",
        """
        import threading
        def work():
            while True: ask("none")
        threading.Thread(target=work, daemon=True).start()
        return 1
        """,
        limits=replace(LIMITS, threads=2),
    ),
)
