"""Why isolation cannot be had on a machine, and the command that mends it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

_INNER_WILL_DO = "or accept the inner wall alone: --isolation inner"
_PROFILE = (
    "sudo tee /etc/apparmor.d/bwrap <<< 'abi <abi/4.0>, profile bwrap /usr/bin/bwrap "
    "flags=(unconfined) { userns, }' && sudo systemctl reload apparmor"
)
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "bwrap) is not installed": f"install it: sudo apt install bubblewrap; {_INNER_WILL_DO}",
        "setting up uid map": f"AppArmor forbids user namespaces; allow bwrap one: {_PROFILE}",
        "No permissions to create": (
            "user namespaces are switched off: sudo sysctl kernel.unprivileged_userns_clone=1 "
            "user.max_user_namespaces=10000; in a container, start it with "
            f"--security-opt seccomp=unconfined; {_INNER_WILL_DO}"
        ),
        "Creating new namespace failed": (
            "a container's policy forbids namespaces: start it with "
            f"--security-opt seccomp=unconfined; {_INNER_WILL_DO}"
        ),
        "Unknown option": f"bubblewrap is older than 0.8: upgrade it; {_INNER_WILL_DO}",
        "seccomp": "the kernel lacks seccomp filters (CONFIG_SECCOMP_FILTER): use another kernel",
        "Landlock": "the kernel lacks Landlock: boot it with lsm=landlock,... (5.13 or later)",
        "No module named": "the interpreter cannot find its packages: reinstall selftaught",
    }
)
"""Part of what a failed start says: what to do."""


def explain(said: str) -> str:
    """Adds the remedy to what a zygote or its wall said before it ended."""
    lines = said.strip().splitlines()
    reason = lines[-1] if lines else "the zygote ended without a word"
    for part, remedy in REMEDIES.items():
        if part in said:
            return f"{reason}. To mend it: {remedy}"
    return reason


def hidden_from_others(paths: Iterable[Path]) -> str | None:
    """Says which of these paths, if any, the unprivileged user of a zygote cannot read."""
    for path in paths:
        for folder in (*reversed(path.parents), path):
            mode = folder.stat().st_mode
            needed = stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH
            if not mode & needed:
                return (
                    f"{path} is needed and {folder} is closed to other users. To mend it: "
                    f"chmod o+x {folder}, install bubblewrap, or run as an ordinary user"
                )
    return None


def hidden_from_me(paths: Iterable[Path]) -> str | None:
    """Says which of these paths, if any, this user cannot read."""
    for path in paths:
        if not os.access(path, os.R_OK):
            return f"{path} is needed and cannot be read. To mend it: chmod o+rX it, or move it"
    return None
