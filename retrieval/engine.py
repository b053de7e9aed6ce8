"""Where the parallel part of reading logs runs: here, in processes beside this one, or on Ray.

All do the same calls in the same order of results, so that a store is the same whichever made it.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, Protocol, TypeVar

from models.errors import BadRequest

Carried = TypeVar("Carried")


class Engine(Protocol):
    """Runs a worker's methods over many arguments."""

    def map(
        self, method: str, pairs: Iterable[tuple[Carried, Any]]
    ) -> Iterator[tuple[Carried, Any]]:
        """Call ``method`` of a worker with the second of each pair; what the first carries comes
        back beside the result, in order."""

    def close(self) -> None:
        """Let go of the workers."""


class LocalEngine:
    """One worker in this process, one call at a time, nothing ahead of what is asked for."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._worker = make()

    def map(
        self, method: str, pairs: Iterable[tuple[Carried, Any]]
    ) -> Iterator[tuple[Carried, Any]]:
        """Call one after the other."""
        call = getattr(self._worker, method)
        for carried, argument in pairs:
            yield carried, call(argument)

    def close(self) -> None:
        """Nothing to let go of."""


class ProcessEngine:
    """Workers that are processes of this machine, two calls of each under way at a time.

    :param make: builds a worker; it and all arguments and results travel between the processes.
    """

    def __init__(self, make: Callable[[], Any], workers: int) -> None:
        # Forked threads of the runtime would hang: each process begins anew.
        anew = multiprocessing.get_context("spawn")
        self._pools = [ProcessPoolExecutor(1, anew, _begin, (make,)) for _ in range(workers)]

    def map(
        self, method: str, pairs: Iterable[tuple[Carried, Any]]
    ) -> Iterator[tuple[Carried, Any]]:
        """Call on all workers in turn; results are waited for in order."""
        waiting: deque[tuple[Carried, Future[Any]]] = deque()
        for number, (carried, argument) in enumerate(pairs):
            pool = self._pools[number % len(self._pools)]
            waiting.append((carried, pool.submit(_call, method, argument)))
            if len(waiting) >= 2 * len(self._pools):
                carried, result = waiting.popleft()
                yield carried, result.result()
        while waiting:
            carried, result = waiting.popleft()
            yield carried, result.result()

    def close(self) -> None:
        """End the workers."""
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)


class RayEngine:
    """Workers that are Ray actors, two calls of each under way at a time.

    :param make: builds a worker; it and all arguments and results travel to other machines.
    :param workers: how many; a cluster's processors by default.
    :param address: of a cluster; ``RAY_ADDRESS`` or a cluster of its own by default.
    :raises BadRequest: Ray is not installed.
    """

    def __init__(
        self, make: Callable[[], Any], workers: int | None = None, address: str | None = None
    ) -> None:
        self._ray = ray = _ray()
        self._own = not ray.is_initialized()
        if self._own:
            own_cluster = not (address or os.environ.get("RAY_ADDRESS"))
            ray.init(
                address=address,
                include_dashboard=False,
                log_to_driver=False,
                **({"num_cpus": workers} if own_cluster and workers else {}),
            )
        count = workers or int(ray.cluster_resources().get("CPU", 1))
        actor = ray.remote(num_cpus=1)(_Actor)
        self._actors = [actor.remote(make) for _ in range(count)]

    def map(
        self, method: str, pairs: Iterable[tuple[Carried, Any]]
    ) -> Iterator[tuple[Carried, Any]]:
        """Call on all workers in turn; results are waited for in order."""
        waiting: deque[tuple[Carried, Any]] = deque()
        for number, (carried, argument) in enumerate(pairs):
            actor = self._actors[number % len(self._actors)]
            waiting.append((carried, actor.call.remote(method, argument)))
            if len(waiting) >= 2 * len(self._actors):
                carried, result = waiting.popleft()
                yield carried, self._ray.get(result)
        while waiting:
            carried, result = waiting.popleft()
            yield carried, self._ray.get(result)

    def close(self) -> None:
        """End the workers, and the cluster if it was started here."""
        for actor in self._actors:
            self._ray.kill(actor)
        if self._own:
            self._ray.shutdown()


class _Actor:
    def __init__(self, make: Callable[[], Any]) -> None:
        self._worker = make()

    def call(self, method: str, argument: Any) -> Any:
        return getattr(self._worker, method)(argument)


_worker: Any = None
"""The worker of a process that :class:`ProcessEngine` began."""


def _begin(make: Callable[[], Any]) -> None:
    global _worker
    _worker = make()


def _call(method: str, argument: Any) -> Any:
    return getattr(_worker, method)(argument)


def engine_of(name: str, make: Callable[[], Any], workers: int | None = None) -> Engine:
    """The engine called ``local`` (of several processes where ``workers`` says so) or ``ray``."""
    if name == "ray":
        return RayEngine(make, workers)
    return ProcessEngine(make, workers) if workers and workers > 1 else LocalEngine(make)


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise BadRequest(
            "Ray is not installed",
            expected="the package ray",
            fix="Install it: pip install 'frontdesk[ray]', or leave --engine out.",
        ) from error
