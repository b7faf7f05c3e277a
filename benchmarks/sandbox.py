"""What isolation costs, as ratios within one run: they hold on a slow or busy machine too.

Run it on a quiet machine all the same: ``uv run python benchmarks/sandbox.py [--long]``. Every
contender takes its turn in every round, and the medians are compared. ``--long`` adds the 10,000
evaluations.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from selftaught.sandbox import Program
from selftaught.sandboxes import walls
from selftaught.sandboxes.local import LocalSandbox
from selftaught.tasks.lpn import task
from selftaught.testing.attacks import ATTACKS
from selftaught.testing.attacks.world import World

LPN = task("standard")
SOLUTION = Program(LPN.seed.text, LPN.entry)
REFERENCE = Program(LPN.reference.text, LPN.entry)
ARGUMENTS, EXPECTED = LPN.instance(1)


def main() -> None:
    """Prints every ratio, its bound and whether it holds."""
    start = time.perf_counter()
    with LocalSandbox() as sandbox:
        isolated(sandbox)
        show("start to first evaluation", time.perf_counter() - start, "< 0.5 s", 0.5)
        fresh(sandbox)
        calls(sandbox)
        whole_utility(sandbox)
        throughput(sandbox)
        memory_under_attack()
        if "--long" in sys.argv:
            ten_thousand(sandbox)


def fresh(sandbox: LocalSandbox) -> None:
    """A fresh evaluation against a bare fork, and against bubblewrap around a new Python."""
    taken = take_turns(
        {
            "isolated": lambda: isolated(sandbox),
            "fork": forked,
        },
        rounds=200,
    )
    taken |= take_turns(
        {"bwrap": in_bubblewrap, "zygote": start_zygote, "import": import_numpy}, rounds=8
    )
    print({name: f"{1000 * seconds:.2f} ms" for name, seconds in taken.items()})
    show("fresh / fork", taken["isolated"] / taken["fork"], "<= 2", 2)
    show("bwrap / fresh", taken["bwrap"] / taken["isolated"], ">= 15", -15)
    show("zygote / import numpy", taken["zygote"] / taken["import"], "<= 2", 2)


def calls(sandbox: LocalSandbox) -> None:
    """A further call of a program that lives."""
    with sandbox.run(SOLUTION, LPN.limits) as running:
        taken = take_turns({"call": lambda: running.call(ARGUMENTS)}, rounds=1000)
    show("further call", 1000 * taken["call"], "<= 0.3 ms", 0.3)


def whole_utility(sandbox: LocalSandbox) -> None:
    """All instances of the paper's task, drawn, solved and scored."""

    def here() -> None:
        names: dict[str, object] = {}
        exec(compile(REFERENCE.text, "solution", "exec"), names)
        for seed in range(20):
            arguments, expected = LPN.instance(seed)
            LPN.score(names["algorithm"](*arguments), expected)

    def there() -> None:
        with sandbox.run(REFERENCE, LPN.limits) as running:
            for seed in range(20):
                arguments, expected = LPN.instance(seed)
                LPN.score(running.call(arguments).value, expected)

    taken = take_turns({"here": here, "there": there}, rounds=5)
    show("utility / in process", taken["there"] / taken["here"], "<= 1.5", 1.5)


def throughput(sandbox: LocalSandbox) -> None:
    """Evaluations a second on one core: the host and all its children are bound to it."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        with LocalSandbox(workers=1) as bound:
            isolated(bound)
            start = time.perf_counter()
            for _ in range(400):
                isolated(bound)
            show("evaluations / s", 400 / (time.perf_counter() - start), ">= 200", -200)
    finally:
        os.sched_setaffinity(0, cores)


def memory_under_attack() -> None:
    """How much the host grows over all attacks."""
    with World() as world, LocalSandbox(workers=1) as sandbox:
        before = 0
        for number, attack in enumerate([*ATTACKS, *ATTACKS]):
            with sandbox.run(attack.program, attack.limits) as running:
                running.call([world.targets])
            if number == len(ATTACKS) - 1:
                before = resident_bytes()
        grown = resident_bytes() - before
    show("host memory, second pass of attacks", grown / (1 << 20), "< 20 MiB", 20)


def ten_thousand(sandbox: LocalSandbox) -> None:
    """The cost of the last thousand against the first, and what was leaked.

    Each is measured against forks made in between, so that a machine that becomes busier does not
    look like a cost that grows.
    """
    before = leftovers()
    costs: list[float] = []
    for _ in range(10):
        forks, evaluations = [], []
        for number in range(1000):
            evaluations += [timed(lambda: isolated(sandbox))]
            forks += [timed(forked)] if number % 10 == 0 else []
        costs.append(statistics.median(evaluations) / statistics.median(forks))
        print(f"{statistics.median(evaluations) * 1000:.2f} ms, {costs[-1]:.2f} forks", flush=True)
    show("last / first thousand", costs[-1] / costs[0], "<= 1.1", 1.1)
    after = leftovers()
    print({name: (before[name], after[name]) for name in before}, "before and after")


def timed(work: Callable[[], object]) -> float:
    """Returns the seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def isolated(sandbox: LocalSandbox) -> None:
    """Loads a solution, calls it once, ends it."""
    with sandbox.run(SOLUTION, LPN.limits) as running:
        outcome = running.call(ARGUMENTS)
    assert outcome.is_ok, outcome


def forked() -> None:
    """The same by multiprocessing, with no isolation at all."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=solve, args=(sender,))
    process.start()
    receiver.recv()
    process.join()
    receiver.close()
    sender.close()


def solve(sender: multiprocessing.connection.Connection) -> None:
    """Loads and calls the solution in this process."""
    names: dict[str, object] = {}
    exec(compile(SOLUTION.text, "solution", "exec"), names)
    sender.send(names["algorithm"](*ARGUMENTS))


def in_bubblewrap() -> None:
    """A new Python with NumPy behind the outer wall, as one would do it by hand."""
    seen = walls.visible(None)
    paths = [str(path) for path in seen.import_paths]
    code = f"import sys; sys.path += {paths}; import numpy; {SOLUTION.text!r}"
    python = walls.interpreter("")[0]
    command = [*walls.bubblewrap(seen, writable=0), python, "-S", "-c", code]
    subprocess.run(command, check=True, env=walls.environment())


def start_zygote() -> None:
    """A sandbox from nothing to its first zygote."""
    with LocalSandbox(workers=1) as sandbox:
        assert sandbox.level == "full"


def import_numpy() -> None:
    """What every Python with NumPy pays."""
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)


def take_turns(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Returns the median seconds of each."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            taken[name].append(timed(work))
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def leftovers() -> dict[str, int]:
    """Counts what a host could leak."""
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
        "children": len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()),
        "resident MiB": resident_bytes() >> 20,
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def resident_bytes() -> int:
    """Returns the memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def show(name: str, value: float, bound: str, limit: float) -> None:
    """Prints one line; a negative limit is a lower bound."""
    holds = value <= limit if limit > 0 else value >= -limit
    print(f"{'holds' if holds else 'FAILS':5}  {name}: {value:.3g} ({bound})", flush=True)


if __name__ == "__main__":
    main()
