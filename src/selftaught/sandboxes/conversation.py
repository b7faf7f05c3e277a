"""One child and what is said with it: loading, calls, and the program's own calls of the host."""

# What programs send has no type until it is matched.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from selftaught.errors import BudgetExceeded, ProgramError
from selftaught.sandbox import Handler, Limits, Outcome, Program, Status
from selftaught.sandboxes.channel import Excess, Violation
from selftaught.sandboxes.clock import Clock, Expired
from selftaught.sandboxes.connection import Closed, Connection, Oversize
from selftaught.sandboxes.pool import Pool
from selftaught.sandboxes.slot import Slot

_LONGEST_MESSAGE = 4000
_REPORTED = {status.value: status for status in (Status.ERROR, Status.BAD_ANSWER)} | {
    Status.OUT_OF_MEMORY.value: Status.OUT_OF_MEMORY
}


@dataclass
class _Exchange:
    """One load or call while it lasts."""

    id: int
    subject: str
    """What the host sends, for the message when it is too large."""
    clock: Clock
    pool: Pool
    printed: list[str] = field(default_factory=list[str])
    served: list[Future[None]] = field(default_factory=list[Future[None]])
    failure: BaseException | None = None
    """What a handler raised that is not the program's business."""
    working: int = 0
    """Handlers at work: what they return is not sent yet."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin_work(self) -> None:
        """Stops the clock, and frees the program's place, while the host works for it."""
        with self._lock:
            self.working += 1
            if self.working == 1:
                self.clock.stop()
                self.pool.mark_computing(-1)

    def end_work(self) -> None:
        """Lets the clock run again once the host has done all that it was asked."""
        with self._lock:
            self.working -= 1
            if not self.working:
                self.pool.mark_computing(1)
                self.clock.go_on()


class Conversation:
    """A loaded child. It is over once an exchange ended the process.

    Args:
        slot: The zygote to fork from.
        pool: Told when the program computes, and when it waits for the host.
        limits: What the program may use.
        handlers: What the program may call.
    """

    def __init__(
        self, slot: Slot, pool: Pool, limits: Limits, handlers: Mapping[str, Handler]
    ) -> None:
        child = slot.fork(
            memory_bytes=limits.memory_bytes, threads=limits.threads, writable=limits.writable_bytes
        )
        self._pid = child.pid
        self._denials = child.denials
        self._denied_in_load: tuple[str, ...] = ()
        self._slot = slot
        self._pool = pool
        self._limits = limits
        self._handlers = handlers
        self._connection = Connection(child.end, limits.message_bytes, child.denials)
        self._workers: ThreadPoolExecutor | None = None
        self.is_over = False

    def load(self, program: Program) -> Outcome:
        """Loads the program."""
        limits = self._limits
        clock = Clock(
            self._pid,
            cpu_limit=limits.load_seconds,
            wall_limit=3 * limits.load_seconds,
            threads=limits.threads,
        )
        job: dict[str, object] = {
            "text": program.text,
            "entry": program.entry,
            "modules": [[name, source] for name, source in program.modules.items()],
            "caller": program.caller,
            "message_bytes": limits.message_bytes,
            "printed_bytes": limits.printed_bytes,
        }
        outcome = self._exchange(clock, ["load", _random_id(), job])
        self._denied_in_load = outcome.denied
        return outcome if outcome.is_ok else replace(outcome, while_loading=True)

    def call(self, arguments: Sequence[object], seed: int) -> Outcome:
        """Calls the entry."""
        limits = self._limits
        clock = Clock(
            self._pid,
            cpu_limit=limits.cpu_seconds,
            wall_limit=limits.wall_backstop,
            threads=limits.threads,
        )
        outcome = self._exchange(clock, ["call", _random_id(), seed, list(arguments)])
        earlier, self._denied_in_load = self._denied_in_load, ()
        return replace(outcome, denied=earlier + outcome.denied) if earlier else outcome

    def end(self) -> None:
        """Kills the child, if it still lives."""
        if not self.is_over:
            self.is_over = True
            try:
                self._slot.end(grace=False)
            finally:
                self._connection.close()
        if self._workers:
            self._workers.shutdown()

    def _exchange(self, clock: Clock, request: list[object]) -> Outcome:
        assert isinstance(request[1], int)
        subject = "program has" if request[0] == "load" else "arguments have"
        exchange = _Exchange(request[1], subject, clock, self._pool)
        self._pool.mark_computing(1)
        try:
            outcome = self._converse(exchange, request)
        except BaseException:
            self.is_over = True
            self._slot.is_broken = True
            self._connection.hang_up()
            _wait_for(exchange.served)
            self._connection.close()
            raise
        finally:
            self._pool.mark_computing(-1)
        _wait_for(exchange.served)
        if exchange.failure:
            raise exchange.failure
        return outcome

    def _converse(self, exchange: _Exchange, request: list[object]) -> Outcome:
        is_lost = False
        try:
            self._connection.send(request, exchange.clock)
            status, value, message = self._listen(exchange)
        except (Expired, Violation) as error:
            status, value, message = _judged(error)
            is_lost = True
        except Oversize as error:
            return self._outcome(exchange, Status.REFUSED, f"the {exchange.subject} {error}")
        except Closed:
            return self._died(exchange)
        outcome = self._outcome(exchange, status, message, value)
        # What handlers do for threads that the program left behind would come after the end.
        if is_lost or exchange.working:
            self._connection.hang_up()
            self.end()
        return outcome

    def _listen(self, exchange: _Exchange) -> tuple[Status, object, str]:
        """Serves the program until it answers."""
        while True:
            match self._connection.receive(exchange.clock):
                case ["done", exchange.id, value]:
                    return Status.OK, value, ""
                case ["failed", exchange.id, str(status), str(message)] if status in _REPORTED:
                    return _REPORTED[status], None, message
                case ["printed", exchange.id, str(text)]:
                    self._keep(exchange, text)
                case ["ask", exchange.id, int(number), str(name), list(arguments)]:
                    self._serve(exchange, number, name, arguments)
                case _:
                    raise Violation("a message out of turn")

    def _keep(self, exchange: _Exchange, text: str) -> None:
        exchange.printed.append(text)
        if not text or sum(map(len, exchange.printed)) > self._limits.printed_bytes:
            raise Violation("more output than it may")

    def _serve(self, exchange: _Exchange, number: int, name: str, arguments: list[object]) -> None:
        if exchange.working > self._limits.threads:
            raise Violation("more calls of the host at once than it has threads")
        exchange.begin_work()
        if not self._limits.threads:
            self._handle(exchange, number, name, arguments)
            return
        if self._workers is None:
            self._workers = ThreadPoolExecutor(self._limits.threads + 1, "handler")
        future = self._workers.submit(self._handle, exchange, number, name, arguments)
        exchange.served = [future, *(old for old in exchange.served if not old.done())]

    def _handle(self, exchange: _Exchange, number: int, name: str, arguments: list[object]) -> None:
        try:
            try:
                reply = self._reply(number, name, arguments)
            finally:
                exchange.end_work()
            self._send_reply(exchange, reply)
        except (Closed, Expired):
            self._connection.hang_up()  # whoever listens finds out how it ended
        except BaseException as error:  # noqa: BLE001 - raised again where the call was made
            exchange.failure = exchange.failure or error
            self._connection.hang_up()

    def _send_reply(self, exchange: _Exchange, reply: list[object]) -> None:
        try:
            self._connection.send(reply, exchange.clock)
        except Oversize as error:
            refusal = ["refusal", reply[1], "ProgramError", f"what the host would say has {error}"]
            self._connection.send(refusal, exchange.clock)

    def _reply(self, number: int, name: str, arguments: list[object]) -> list[object]:
        if name not in self._handlers:
            return ["refusal", number, "ProgramError", f"the host has no function {name!r:.80}"]
        try:
            return ["reply", number, self._handlers[name](*arguments)]
        except (ProgramError, BudgetExceeded) as error:
            kind = ProgramError if isinstance(error, ProgramError) else BudgetExceeded
            return ["refusal", number, kind.__name__, str(error)]

    def _died(self, exchange: _Exchange) -> Outcome:
        outcome = self._outcome(exchange, Status.DIED, "")
        self.is_over = True
        try:
            ending = self._slot.end(grace=True)
        finally:
            self._connection.close()
        return replace(outcome, message=ending.describe())

    def _outcome(
        self, exchange: _Exchange, status: Status, message: str, value: object = None
    ) -> Outcome:
        if status is Status.OUT_OF_MEMORY:
            message = f"needed more than {self._limits.memory_bytes >> 20:,} MiB{message}"
        return Outcome(
            status,
            value=value,
            message=_presentable(message[:_LONGEST_MESSAGE]),
            printed=_presentable("".join(exchange.printed)),
            cpu_seconds=exchange.clock.spent(),
            denied=self._denials.take() if self._denials else (),
        )


def _judged(error: Expired | Violation) -> tuple[Status, None, str]:
    match error:
        case Expired():
            return Status.TIMED_OUT, None, str(error)
        case Excess():
            return Status.BAD_ANSWER, None, f"the answer has {error}"
        case _:
            return Status.BROKEN_CHANNEL, None, f"sent {error}"


def _presentable(text: str) -> str:
    """Replaces what cannot be stored or shown as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _random_id() -> int:
    return int.from_bytes(os.urandom(7), "little")


def _wait_for(futures: list[Future[None]]) -> None:
    for future in futures:
        future.cancel()
        if not future.cancelled():
            future.result()
