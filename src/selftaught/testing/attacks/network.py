"""Attacks that talk to somebody."""

from __future__ import annotations

from selftaught.testing.attacks.attack import control, tries

NETWORK = (
    control(
        "network",
        "TCP",
        """
        import socket
        socket.create_connection(("127.0.0.1", world["tcp"]), 0.3)
        """,
    ),
    control(
        "network",
        "UDP",
        """
        import socket
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(b"x", ("127.0.0.1", world["udp"]))
        """,
    ),
    control(
        "network",
        "a Unix socket",
        """
        import socket
        socket.socket(socket.AF_UNIX).connect(world["socket"])
        """,
    ),
    control(
        "network",
        "an abstract Unix socket",
        """
        import socket
        socket.socket(socket.AF_UNIX).connect(world["abstract"])
        """,
    ),
    control(
        "network",
        "the kernel by netlink",
        """
        import socket
        socket.socket(16, socket.SOCK_RAW, 0)
        return "REACHED"
        """,
    ),
    tries(
        "network",
        "raw packets",
        """
        import socket
        socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
        return "REACHED"
        """,
    ),
    control(
        "network",
        "listening",
        """
        import socket
        with socket.socket() as end:
            end.bind(("127.0.0.1", 0))
            end.listen()
            return f"REACHED {end.getsockname()}"
        """,
    ),
    control(
        "network",
        "a pair of sockets to pass descriptors",
        """
        import socket
        socket.socketpair()
        return "REACHED"
        """,
    ),
    tries(
        "network",
        "descriptors sent to the host",
        """
        import array
        import socket
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
        for _ in range(1000):
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 20))
            end.sendmsg([frame(b"x")], [rights])
        return "REACHED"
        """,
    ),
    tries(
        "network", "a name", "import socket; return 'REACHED' + str(socket.gethostbyname('a.b'))"
    ),
)
