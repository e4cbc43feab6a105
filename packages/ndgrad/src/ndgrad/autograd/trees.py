"""Nested containers of tensors: taken apart into their leaves, and put together again.

Tuples, lists, dicts and named tuples are containers; anything else is a leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["flatten", "map_leaves", "prefix_leaves", "unflatten"]


def _children(tree: Any) -> Sequence[Any] | None:
    """The values in a container, None for a leaf."""
    if isinstance(tree, dict):
        return list(tree.values())
    return tree if isinstance(tree, (tuple, list)) else None


def _rebuild(tree: Any, children: Sequence[Any]) -> Any:
    """A container like ``tree`` that holds ``children``."""
    if isinstance(tree, dict):
        pairs = zip(tree, children, strict=True)
        return (
            type(tree)(pairs) if type(tree).__init__ is dict.__init__ or hasattr(tree, "move_to_end") else dict(pairs)
        )
    if hasattr(tree, "_fields"):
        return type(tree)(*children)
    return type(tree)(children)


def flatten(tree: Any) -> list[Any]:
    """The leaves from left to right; a dict's in the order of its keys' insertion.

    >>> flatten({"w": 1, "b": (2, [3])})
    [1, 2, 3]
    """
    children = _children(tree)
    return [tree] if children is None else [leaf for child in children for leaf in flatten(child)]


def unflatten(tree: Any, leaves: Sequence[Any]) -> Any:
    """A container like ``tree`` with other leaves.

    >>> unflatten({"w": 1, "b": (2, [3])}, "xyz")
    {'w': 'x', 'b': ('y', ['z'])}
    """
    return _build(tree, iter(leaves))


def _build(tree: Any, rest: Iterator[Any]) -> Any:
    # No inner function: one that calls itself is a reference cycle, which would keep the leaves alive.
    children = _children(tree)
    return next(rest) if children is None else _rebuild(tree, [_build(child, rest) for child in children])


def map_leaves(function: Callable[[Any], Any], tree: Any) -> Any:
    """``tree`` with ``function`` applied to each leaf."""
    children = _children(tree)
    return function(tree) if children is None else _rebuild(tree, [map_leaves(function, child) for child in children])


def prefix_leaves(name: str, prefix: Any, tree: Any) -> list[Any]:
    """For each leaf of ``tree`` the value of ``prefix`` that governs it; one value may stand for a whole container.

    Raises:
        ValueError: the containers of ``prefix`` are not those of ``tree``.

    >>> prefix_leaves("in_axes", (0, None), ({"a": 1, "b": 2}, 3))
    [0, 0, None]
    """
    children = _children(prefix)
    if children is None:
        return [prefix] * len(flatten(tree))
    below = _children(tree)
    if below is None or len(below) != len(children) or (isinstance(prefix, dict) and list(prefix) != list(tree)):
        raise ValueError(
            f"{name}={prefix!r} does not have the structure of what it describes; one value may stand for all"
        )
    return [leaf for p, t in zip(children, below, strict=True) for leaf in prefix_leaves(name, p, t)]
