"""Work in a thread of its own: the screen goes on meanwhile, and nobody waits for it to end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Event, Thread

Stopped = Callable[[], bool]
"""True once nobody waits for the work any more."""


async def in_thread(work: Callable[[Stopped], None]) -> None:
    """Waits for `work(stopped)` and raises what it raises; when this is cancelled, `stopped()` becomes true.

    Not asyncio's pool, whose threads a program must wait for when it ends: quitting would hang on a long computation.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    stop = Event()

    def finish(error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work(stop.is_set)
        except Exception as raised:  # noqa: BLE001 - handed on to whoever waits
            error = raised
        with suppress(RuntimeError):  # the program has ended meanwhile
            loop.call_soon_threadsafe(finish, error)

    Thread(target=copy_context().run, args=(run,), daemon=True, name="ask").start()
    try:
        await done
    finally:
        stop.set()
