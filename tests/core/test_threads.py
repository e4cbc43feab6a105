"""Threads: modes belong to a thread, plugins load once, and training in one does not disturb another."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import ndgrad as nd


def run(*functions: Callable[[threading.Barrier], Any]) -> list[Any]:
    """The results of functions that run in threads of their own; each is given the barrier where they meet."""
    barrier, results = threading.Barrier(len(functions), timeout=60), [None] * len(functions)

    def target(i: int) -> None:
        try:
            results[i] = functions[i](barrier)
        except BaseException as error:
            barrier.abort()
            results[i] = error

    threads = [threading.Thread(target=target, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_no_grad_holds_in_its_thread_only() -> None:
    x = nd.ones(3, requires_grad=True)

    def without(barrier: threading.Barrier) -> bool:
        with nd.no_grad():
            barrier.wait()
            y = 2 * x
            barrier.wait()
        return y.requires_grad

    def recorded(barrier: threading.Barrier) -> bool:
        barrier.wait()
        y = 2 * x
        barrier.wait()
        return y.requires_grad

    assert run(without, recorded) == [False, True]


def test_networks_trained_side_by_side_are_those_trained_alone() -> None:
    def train(seed: int) -> list[float]:
        w = nd.asarray([float(seed), 1.0], dtype=nd.float64, requires_grad=True)
        for _ in range(50):
            loss = nd.sum((w * w - 2.0) ** 2)
            loss.backward()
            with nd.no_grad():
                w -= 0.01 * w.grad
            w.grad = None
        return w.tolist()

    alone = [train(i) for i in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        together = run(*[lambda barrier, i=i: (barrier.wait(), train(i))[1] for i in range(4)])
    finally:
        sys.setswitchinterval(interval)
    assert together == alone


def test_one_graph_gives_two_threads_their_gradients() -> None:
    x = nd.asarray([1.0, 2.0], requires_grad=True)
    y = nd.exp(x).sum()

    def pull(barrier: threading.Barrier) -> Any:
        barrier.wait()
        return nd.autograd.grad(y, x, retain_graph=True)[0].tolist()

    first, second = run(pull, pull)
    assert first == second == nd.exp(x.detach()).tolist()


FIRST_USE = """
import sys, threading
import ndgrad as nd
sys.setswitchinterval(1e-6)
barrier, failed = threading.Barrier(8), []
def use():
    barrier.wait()
    try:
        (nd.ones(3) + nd.ones(3)).sum()
    except BaseException as error:
        failed.append(error)
threads = [threading.Thread(target=use) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
if failed: raise failed[0]
"""


def test_a_backend_that_threads_use_at_once_is_loaded_once() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_USE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
