"""Keeps every long-lived task of a server alive, or says that one has died for good.

A task that ends by itself, in whatever way, is begun again after a pause: with an exception, by returning although
nobody told it to stop, or cancelled from within (somebody awaited a future that was cancelled). So what happens to one
task once, such as a moment without descriptors or memory, never ends it for good.

Two things are not tried again. What is told to :meth:`Supervisor.stop` may end. And after one of the ``fatal``
exceptions trying again would only do harm; the task is then *dead*, and whoever asks for the server's health hears it.

Example. The deliverer meets ``MemoryError``. It is logged, and a second later the deliverer runs again. The sequencer
finds that the books contradict themselves, which is fatal: it is not run again, and ``/healthz`` answers 503 from then
on, naming the sequencer and why.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

import structlog

RESTART_PAUSE_S: Final = 1.0
"""How long a task rests before it is begun again."""

Work = Callable[[], Coroutine[Any, Any, None]]
"""Begins a task's work anew."""

_log = structlog.get_logger(__name__)


class EndedByItself(Exception):
    """A task returned, or was cancelled from within, although nobody told it to stop."""


class Supervisor:
    """Runs tasks under their names. ``fatal`` are the exceptions after which a task is not begun again."""

    def __init__(self, *fatal: type[Exception], pause_s: float = RESTART_PAUSE_S) -> None:
        self._fatal = fatal
        self._pause_s = pause_s
        self._keeping: dict[str, asyncio.Task[None]] = {}
        self._inner: dict[str, asyncio.Task[None]] = {}
        self._dead: dict[str, str] = {}
        self._restarts: dict[str, int] = {}
        self._stopping = False

    @property
    def dead(self) -> Mapping[str, str]:
        """The tasks that have died for good, by name, each with the reason."""
        return self._dead

    @property
    def running(self) -> Mapping[str, asyncio.Task[None]]:
        """The tasks that run at this moment, by name. One that rests before it is begun again is not among them."""
        return self._inner

    @property
    def restarts(self) -> Mapping[str, int]:
        """How often each task was begun again, by name; without those that never were."""
        return self._restarts

    def keep(self, name: str, work: Work, *, is_endless: bool = True) -> asyncio.Task[None]:
        """Run ``work`` from now on. Work that is not endless may return, and is done then.

        Returns the task that keeps it, which ends when the work is done, dead or stopped, and raises nothing.
        """
        keeping = self._keeping[name] = asyncio.create_task(self._keep(name, work, is_endless), name=name)
        return keeping

    def stop(self) -> None:
        """Begin nothing again from now on."""
        self._stopping = True

    async def end(self, *, patience_s: float, at_once: tuple[str, ...] = ()) -> None:
        """Wait for every task to end, for ``patience_s`` at most, and then cancel what has not; :meth:`stop` first.

        The tasks that ``at_once`` names are cancelled without waiting: nothing else tells them to stop.
        """
        self.stop()
        for name in at_once:
            if name in self._keeping:
                self._keeping[name].cancel()
        if self._keeping:
            await asyncio.wait(self._keeping.values(), timeout=patience_s)
        for task in self._keeping.values():
            task.cancel()
        await asyncio.gather(*self._keeping.values(), return_exceptions=True)

    async def _keep(self, name: str, work: Work, is_endless: bool) -> None:
        last_logged = ""
        while not self._stopping:
            trouble = await self._run(name, work)
            if self._stopping or (trouble is None and not is_endless):
                return
            trouble = trouble or EndedByItself(f"{name} returned although nobody told it to stop")
            if isinstance(trouble, self._fatal):
                self._dead[name] = str(trouble)
                _log.critical("task_died_for_good", task=name, exc_info=trouble)
                return
            # What goes wrong every second in the same way is told once.
            if repr(trouble) != last_logged:
                _log.error("task_broke", task=name, again_in_s=self._pause_s, exc_info=trouble)
            last_logged = repr(trouble)
            await asyncio.sleep(self._pause_s)
            self._restarts[name] = self._restarts.get(name, 0) + 1

    async def _run(self, name: str, work: Work) -> BaseException | None:
        """Do the work in a task of its own, so that a cancellation of the work is not one of the keeper."""
        inner = self._inner[name] = asyncio.create_task(work(), name=name)
        try:
            await asyncio.wait([inner])
        except asyncio.CancelledError:
            inner.cancel()
            await asyncio.gather(inner, return_exceptions=True)
            raise
        finally:
            del self._inner[name]
        if inner.cancelled():
            return EndedByItself(f"{name} was cancelled from within")
        return inner.exception()
