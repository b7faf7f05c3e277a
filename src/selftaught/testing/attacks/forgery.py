"""Attacks on the protocol: messages that nobody asked for, values that are not what they seem."""

from __future__ import annotations

from selftaught.testing.attacks.attack import Attack, tries


def _frame(name: str, body: str) -> Attack:
    """An attack that answers with bytes of its own making."""
    return tries("forgery", name, f"os.write(3, frame({body})); import time; time.sleep(9)")


def _answer(name: str, body: str) -> Attack:
    """An attack whose answer, within a frame that is correct, is made of raw bytes."""
    code = f"""
    import msgpack
    head = msgpack.packb(["done", ask.__self__.call])
    os.write(3, frame(b"\\x93" + head[1:] + {body}))
    import time; time.sleep(9)
    """
    return tries("forgery", name, code)


FORGERY = (
    _frame("an empty frame", "b''"),
    _frame("noise", "os.urandom(1000)"),
    _frame("no list", "b'\\xc0'"),
    _frame("an empty list", "b'\\x90'"),
    _frame("more than one value", "b'\\x90\\x90'"),
    tries(
        "forgery",
        "a frame of four gigabytes",
        "os.write(3, b'\\xff' * 1000); import time; time.sleep(9)",
    ),
    tries(
        "forgery",
        "noise on every descriptor",
        """
        for number in range(256):
            try: os.write(number, os.urandom(100))
            except OSError: pass
        return 1
        """,
    ),
    tries(
        "forgery",
        "answers in advance",
        """
        host = ask.__self__
        call = host.call
        for guess in (call, call + 1, call - 1, 0, 1):
            host.send("done", guess, "REACHED" if guess != call else 0)
        """,
    ),
    tries(
        "forgery",
        "an answer to another call",
        "host = ask.__self__; host.call += 1; return 'REACHED'",
    ),
    tries("forgery", "the message of a new child", "os.write(3, b'U' * 100); return 1"),
    tries(
        "forgery",
        "an unknown status",
        "host = ask.__self__; host.send('failed', host.call, 'ok', 'REACHED')",
    ),
    tries(
        "forgery",
        "a refusal by its own hand",
        "host = ask.__self__; host.send('failed', host.call, 'refused', 'REACHED')",
    ),
    tries(
        "forgery",
        "a call with odd arguments",
        "host = ask.__self__; host.send('ask', host.call, 'x', 3, None)",
    ),
    tries(
        "forgery",
        "a call of a number too large",
        "host = ask.__self__; host.send('ask', host.call, 1 << 100, 'none', []); ask('none')",
    ),
    tries(
        "forgery",
        "a call of what is not offered",
        "return 'REACHED' + str(ask('__import__', 'os'))",
    ),
    tries(
        "forgery",
        "more output than it may",
        "host = ask.__self__; host.send('printed', host.call, 'x' * 100_000); return 1",
    ),
    _answer("a length that is not there", "b'\\xdd\\x7f\\xff\\xff\\xff'"),
    _answer("lengths within lengths", "b'\\xdd\\x00\\x0f\\xff\\xff' * 900 + bytes(1 << 20)"),
    _answer("maps within maps", "b'\\xdf\\x00\\x0f\\xff\\xff' * 900 + bytes(1 << 20)"),
    _answer("depth", "b'\\x91' * 100_000 + b'\\xc0'"),
    _answer("depth that is allowed", "b'\\x91' * 500 + b'\\xc0'"),
    _answer("millions of lists", "b'\\xdd\\x00\\x7f\\xff\\xff' + b'\\x90' * 0x7fffff"),
    _answer("an array of objects", "b'\\xc7\\x0b\\x01O\\x08\\x01' + bytes([1]) + bytes(7)"),
    _answer("an array larger than it is", "b'\\xc7\\x13\\x01f\\x08\\x02' + b'\\xff' * 16"),
    _answer("an array of no size", "b'\\xc7\\x13\\x01f\\x08\\x02' + bytes(8) + b'\\xff' * 8"),
    _answer("an array of many dimensions", "b'\\xc7\\xfb\\x01f\\x08\\xff' + bytes(248)"),
    _answer("an array of odd items", "b'\\xc7\\x0b\\x01f\\x03\\x01' + bytes(8)"),
    _answer(
        "booleans that are neither", "b'\\xc7\\x0c\\x01b\\x01\\x01\\x01' + bytes(7) + b'\\x37'"
    ),
    _answer("an unknown extension", "b'\\xc7\\x01\\x63x'"),
    _answer("a time", "b'\\xd6\\xff\\x00\\x00\\x00\\x01'"),
    _answer("text that is none", "b'\\xa4\\xff\\xfe\\xfd\\xfc'"),
    _answer("a list as a key", "b'\\x81\\x90\\xc0'"),
    _answer("a mark alone", "b'\\xc7\\x00\\x04'"),
    _answer("a mark in the middle", "b'\\x92\\xc0\\xc7\\x00\\x04'"),
    _answer("an integer of no bytes", "b'\\xc7\\x00\\x02'"),
    tries(
        "forgery", "keys that collide", "p = (1 << 61) - 1; return {i * p for i in range(50_000)}"
    ),
    tries(
        "forgery",
        "keys of tuples that collide",
        """
        p = (1 << 61) - 1
        return {(i * p, 0): 0 for i in range(50_000)}
        """,
    ),
    tries(
        "forgery",
        "a number that lies",
        """
        class Best(float):
            def __float__(self): return 1.0
            def __lt__(self, other): return False
            __gt__ = __eq__ = lambda self, other: True
            __hash__ = None
        return Best(0)
        """,
    ),
    tries(
        "forgery",
        "an array that lies",
        """
        import numpy
        class Best(numpy.ndarray): pass
        return numpy.zeros(3).view(Best)
        """,
    ),
    tries(
        "forgery",
        "code in an answer",
        """
        class Code:
            def __reduce__(self): return (os.system, ("touch " + world["folder"] + "/new",))
        return Code()
        """,
    ),
    tries("forgery", "objects in an array", "import numpy; return numpy.array([object()])"),
    tries("forgery", "records in an array", "import numpy; return numpy.zeros(2, 'i4,f8')"),
    tries("forgery", "an answer within itself", "a = []; a.append(a); return a"),
    tries("forgery", "half a character", "return '\\ud800' * 10"),
    tries("forgery", "half a character in an error", "raise ValueError('\\ud800')"),
    tries("forgery", "half a character in the output", "print('\\ud800')"),
    tries(
        "forgery",
        "the codec",
        """
        import selftaught.sandboxes.channel as channel, selftaught.sandboxes.guest as guest
        channel.encode = guest.encode = lambda value: b"\\x93\\xa4done\\x00\\xa7REACHED"
        return 1
        """,
    ),
    tries(
        "forgery",
        "the tools that judge",
        """
        import builtins, math, numpy, time
        numpy.mean = numpy.asarray = math.fsum = builtins.sum = builtins.max = lambda *_, **__: 1e9
        time.monotonic = time.process_time = time.perf_counter = lambda: 0.0
        return 0
        """,
    ),
)
