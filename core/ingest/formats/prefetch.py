"""Work ahead of whoever takes the results: in threads, in order, a few steps and no more."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

_TICK = 0.1


def prefetch(items: Iterator[A], steps: int) -> Iterator[A]:
    """The same items, taken up to `steps` ahead in a thread. An error comes where its item would have."""
    ready: Queue[tuple[bool, A | BaseException | None]] = Queue(steps)
    stopped = Event()

    thread = Thread(target=_run, args=(items, ready, stopped), name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            there, item = ready.get()
            if there:
                yield item  # type: ignore[misc]
            elif isinstance(item, BaseException):
                raise item
            else:
                return
    finally:
        stopped.set()
        while thread.is_alive():
            try:
                ready.get_nowait()
            except Empty:
                thread.join(_TICK)


def _run(items: Iterator[A], ready: "Queue[tuple[bool, A | BaseException | None]]", stopped: Event) -> None:
    try:
        for item in items:
            if not _put(ready, (True, item), stopped):
                return
        _put(ready, (False, None), stopped)
    except BaseException as error:  # noqa: BLE001 - it is raised where the item is taken
        _put(ready, (False, error), stopped)


def _put(
    ready: "Queue[tuple[bool, A | BaseException | None]]", entry: tuple[bool, A | BaseException | None], stopped: Event
) -> bool:
    """Whether it was taken; not when the taker has stopped."""
    while not stopped.is_set():
        try:
            ready.put(entry, timeout=_TICK)
            return True
        except Full:
            continue
    return False


def mapped(work: Callable[[A], B], items: Iterator[A], threads: int) -> Iterator[B]:
    """`work` of each item, in the order of the items, done by threads a few items ahead."""
    waiting: deque[Future[B]] = deque()
    pool = ThreadPoolExecutor(threads, "mapped")
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
