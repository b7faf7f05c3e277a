"""Runs the suites again as an ordinary user, and as root with an interpreter that others can read.

Only root can do that. The interpreter often lies in root's home, closed to others; in a mount
namespace of its own the tests open a way to it that nobody else sees.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OPEN_THE_HOME = """
home=$1 python=$2
shift 2
case $python in "$home"/*) ;; *) exec "$@" ;; esac
mount --bind "$python" /mnt && mount -t tmpfs -o mode=755 tmpfs "$home" &&
mkdir -p "$python" && mount --move /mnt "$python" && exec "$@"
"""
OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private", "sh", "-c", OPEN_THE_HOME, "sh")
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
CHOICE = "attack or threads or memory or ends or death or once"
HERE = Path(__file__).parent


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("user", "choice"),
    [(AS_NOBODY, f"(full or inner) and ({CHOICE})"), ((), "inner")],
    ids=["an ordinary user", "root, inner wall"],
)
def test_the_suites_hold_for(user: tuple[str, ...], choice: str, tmp_path: Path) -> None:
    tests = [
        sys.executable,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={HERE.parent.parent}"),
        *("-k", choice, str(HERE / "test_local.py"), "-W", "error::pytest.PytestWarning"),
    ]
    tmp_path.chmod(0o777)

    finished = subprocess.run(
        [*OWN_MOUNTS, str(Path.home()), sys.base_prefix, *user, *tests],
        env=os.environ | {"HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    assert "skipped" not in finished.stdout
