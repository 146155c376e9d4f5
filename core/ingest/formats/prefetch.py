"""Work ahead of whoever takes the results: in threads, in order, a few steps and no more."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def prefetch(items: Iterator[A], steps: int) -> Iterator[A]:
    """The same items, none of them None, taken up to `steps` ahead in a thread. An error comes where its item would have."""
    pool = ThreadPoolExecutor(1, "ahead")
    try:
        waiting = deque(pool.submit(next, items, None) for _ in range(steps))
        while (item := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, items, None))
            yield item
    finally:
        pool.shutdown(cancel_futures=True)


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
