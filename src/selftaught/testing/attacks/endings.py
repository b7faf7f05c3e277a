"""Attacks that end in unusual ways."""

from __future__ import annotations

from selftaught.testing.attacks.attack import Attack, tries

ENDINGS = (
    tries("endings", "leaving at once", "os._exit(0)"),
    Attack("endings", "leaving while it is loaded", "os._exit(0)\ndef attack(world): pass"),
    tries("endings", "SystemExit", "raise SystemExit(0)"),
    Attack("endings", "SystemExit while it is loaded", "raise SystemExit\ndef attack(world): pass"),
    tries("endings", "KeyboardInterrupt", "raise KeyboardInterrupt"),
    Attack("endings", "KeyboardInterrupt while it is loaded", "raise KeyboardInterrupt"),
    tries("endings", "GeneratorExit", "raise GeneratorExit"),
    tries("endings", "killing itself", "os.kill(os.getpid(), 9)"),
    tries("endings", "aborting", "os.abort()"),
    tries("endings", "a wrong address", "ctypes.string_at(0)"),
    tries(
        "endings",
        "the stack of C",
        """
        deep = None
        for _ in range(10_000_000): deep = (deep,)
        return hash(deep)
        """,
    ),
    tries(
        "endings",
        "recursion without limit",
        """
        import sys
        sys.setrecursionlimit(10 ** 9)
        def dive(): return dive()
        return dive()
        """,
    ),
    tries("endings", "closing everything", "os.closerange(0, 1024); return 1"),
    tries("endings", "closing the channel and going on", "os.close(3)\nwhile True: pass"),
    tries(
        "endings",
        "nobody to tell",
        "import sys; sys.stdout = sys.stderr = None; print('x'); raise ValueError",
    ),
    tries("endings", "no modules", "import sys; sys.modules.clear(); raise ValueError"),
    tries(
        "endings",
        "no builtins",
        """
        held = __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__)
        held.clear()
        raise ValueError
        """,
    ),
    tries(
        "endings",
        "a signal handler that leaves",
        """
        import signal
        signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        while True: pass
        """,
    ),
)
