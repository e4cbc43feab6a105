"""Einstein's summation convention: any sum of products, pair by pair through the matrix product.

The order of the pairs is chosen by opt_einsum. A pair's indices fall into four groups: kept from both operands, summed
over both, kept from one, kept from the other. With the axes in that order the pair is one batched matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ndgrad.ops.elementwise import multiply
from ndgrad.ops.linalg import diagonal
from ndgrad.ops.manipulation import moveaxis, permute_dims, reshape
from ndgrad.ops.products import matmul, reshaped
from ndgrad.ops.reductions import sum
from ndgrad.tensor import Tensor

__all__ = ["einsum", "multi_dot"]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def einsum(equation: Any, /, *operands: Any) -> Tensor:
    """Sum of products of the operands' elements over the indices that the result lacks.

    ``einsum("ij,jk->ik", a, b)``, or interleaved, ``einsum(a, [0, 1], b, [1, 2], [0, 2])``. An index that occurs twice
    in an operand takes its diagonal; ``...`` stands for axes that broadcast; without ``->`` the result has the indices
    that occur once, in alphabetical order.

    Raises:
        ValueError: the equation is malformed, or does not fit the operands' shapes.

    Source: NumPy, ``einsum``; PyTorch, ``einsum``.

    >>> import ndgrad as nd
    >>> nd.einsum("ij,j->i", nd.asarray([[1.0, 2.0], [3.0, 4.0]]), nd.asarray([1.0, 1.0]))
    tensor([3., 7.])
    """
    if isinstance(equation, str):
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = tuple(operands[0])  # PyTorch's einsum(equation, [a, b])
    else:
        equation, operands = _from_interleaved((equation, *operands))
    for x in operands:
        if not isinstance(x, Tensor):
            raise TypeError(f"einsum takes tensors, got {type(x).__name__}; write nd.asarray(...) around it")
    terms, result = _parse(equation, tuple(x.shape for x in operands))
    pairs = zip(operands, terms, strict=True)
    sizes = _sizes(equation, terms, [x.shape for x in operands])
    work = [_single(x, term, sizes) for x, term in pairs]
    for picked in _path(tuple(t for _, t in work), result, tuple(x.shape for x, _ in work)):
        chosen = [work.pop(i) for i in sorted(picked, reverse=True)]
        needed = set(result).union(*(t for _, t in work))
        x, term = chosen.pop()
        x, term = _summed(x, term, needed.union(*(t for _, t in chosen)))
        while chosen:
            other = chosen.pop()
            kept = needed.union(*(t for _, t in chosen))
            x, term = _pair(x, term, *_summed(*other, kept | set(term)), kept)
        work.append((x, term))
    ((x, term),) = work
    return _permuted(*_summed(x, term, set(result)), result)


# -- the equation ------------------------------------------------------------------------------------------------------


def _from_interleaved(args: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    operands, lists = args[0 : len(args) - len(args) % 2 : 2], args[1::2]

    def spelled(indices: Sequence[Any]) -> str:
        return "".join("..." if i is Ellipsis else _LETTERS[i] for i in indices)

    equation = ",".join(spelled(indices) for indices in lists)
    return equation + ("->" + spelled(args[-1]) if len(args) % 2 else ""), tuple(operands)


@lru_cache(maxsize=1024)
def _parse(equation: str, shapes: tuple[tuple[int, ...], ...]) -> tuple[tuple[str, ...], str]:
    """The index letters of each operand and of the result, ``...`` written out in letters of its own."""
    left, arrow, result = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ValueError(f"einsum: {equation!r} has {len(terms)} terms, but {len(shapes)} operands were given")
    counts = [len(s) - len(t.replace("...", "")) for t, s in zip(terms, shapes, strict=True)]
    for term, shape, count in zip(terms, shapes, counts, strict=True):
        if count < 0 or (count and "..." not in term):
            raise ValueError(f"einsum: term {term!r} of {equation!r} does not fit an operand of shape {shape}")
    free = [c for c in _LETTERS if c not in equation]
    width = max((c for t, c in zip(terms, counts, strict=True) if "..." in t), default=0)
    dots = "".join(free[:width])
    found = tuple(t.replace("...", dots[width - c :]) for t, c in zip(terms, counts, strict=True))
    if not arrow:
        letters = left.replace("...", "").replace(",", "")
        result = dots + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    elif "..." in result or not dots:
        result = result.replace("...", dots)
    _check_letters(equation, found, result)
    return found, result


def _check_letters(equation: str, terms: tuple[str, ...], result: str) -> None:
    for c in {*"".join(terms), *result}:
        if c not in _LETTERS:
            raise ValueError(f"einsum: {c!r} in {equation!r} is no index; indices are letters")
    for c in result:
        if result.count(c) > 1:
            raise ValueError(f"einsum: index {c!r} occurs twice in the result of {equation!r}")
        if not any(c in t for t in terms):
            raise ValueError(f"einsum: index {c!r} of the result of {equation!r} occurs in no operand")


def _sizes(equation: str, terms: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for c, n in zip(term, shape, strict=True):
            if sizes.setdefault(c, n) == 1:
                sizes[c] = n
            elif n not in (1, sizes[c]):
                raise ValueError(
                    f"einsum: index {c!r} of {equation!r} has lengths {sizes[c]} and {n}; shapes {list(shapes)}"
                )
    return sizes


@lru_cache(maxsize=1024)
def _path(terms: tuple[str, ...], result: str, shapes: tuple[tuple[int, ...], ...]) -> Sequence[tuple[int, ...]]:
    """Which operands to contract after one another."""
    if len(terms) < 3:
        return [tuple(range(len(terms)))]
    import opt_einsum

    return opt_einsum.contract_path(f"{','.join(terms)}->{result}", *shapes, shapes=True)[0]


# -- contractions ------------------------------------------------------------------------------------------------------


def _single(x: Tensor, term: str, sizes: dict[str, int]) -> tuple[Tensor, str]:
    """An operand with each index once, and without the axes of length 1 that broadcast against longer ones."""
    for c in dict.fromkeys(term):
        while term.count(c) > 1:
            i, j = term.index(c), term.rindex(c)
            if x.shape[i] != x.shape[j]:  # one of them is 1 and broadcasts
                drop = i if x.shape[i] == 1 else j
                x, term = reshape(x, x.shape[:drop] + x.shape[drop + 1 :]), term[:drop] + term[drop + 1 :]
                continue
            x = diagonal(moveaxis(x, (i, j), (-2, -1)))
            term = term[:i] + term[i + 1 : j] + term[j + 1 :] + c
    keep = [i for i, c in enumerate(term) if x.shape[i] == sizes[c]]
    if len(keep) < len(term):
        x, term = reshape(x, tuple(x.shape[i] for i in keep)), "".join(term[i] for i in keep)
    return x, term


def _summed(x: Tensor, term: str, kept: set[str]) -> tuple[Tensor, str]:
    """Sum over the indices that occur nowhere else."""
    axes = tuple(i for i, c in enumerate(term) if c not in kept)
    return (sum(x, axis=axes, dtype=x.dtype), "".join(c for c in term if c in kept)) if axes else (x, term)


def _pair(x1: Tensor, term1: str, x2: Tensor, term2: str, kept: set[str]) -> tuple[Tensor, str]:
    """The product of two operands, summed over what is not kept."""
    both = [c for c in term1 if c in term2]
    batch = "".join(c for c in both if c in kept)
    summed = "".join(c for c in both if c not in kept)
    free1 = "".join(c for c in term1 if c not in term2)
    free2 = "".join(c for c in term2 if c not in term1)
    x1, x2 = _permuted(x1, term1, batch + free1 + summed), _permuted(x2, term2, batch + summed + free2)
    b, s = len(batch), len(summed)
    lead, out1, out2 = x1.shape[:b], x1.shape[b : x1.ndim - s], x2.shape[b + s :]
    length = math.prod(x2.shape[b : b + s])
    if summed:
        left = reshaped(x1, (*lead, math.prod(out1), length))
        right = reshaped(x2, (*lead, length, math.prod(out2)))
        out = reshaped(matmul(left, right), lead + out1 + out2)
    else:
        out = multiply(reshaped(x1, lead + out1 + (1,) * len(out2)), reshaped(x2, lead + (1,) * len(out1) + out2))
    return out, batch + free1 + free2


def _permuted(x: Tensor, term: str, wanted: str) -> Tensor:
    return x if term == wanted else permute_dims(x, tuple(term.index(c) for c in wanted))


# -- chains ------------------------------------------------------------------------------------------------------------


def multi_dot(tensors: Sequence[Tensor], /) -> Tensor:
    """The matrix product of two or more matrices, in the order that costs the fewest multiplications.

    The first and the last may be vectors: a row and a column.

    Raises:
        ValueError: fewer than two operands, or shapes that do not fit.

    Source: PyTorch, ``torch.linalg.multi_dot``.

    >>> import ndgrad as nd
    >>> nd.linalg.multi_dot([nd.ones((2, 3)), nd.ones((3, 4)), nd.ones(4)])
    tensor([12., 12.])
    """
    n = len(tensors)
    if n < 2:
        raise ValueError(f"linalg.multi_dot takes two or more tensors, got {n}")
    dims = [x.ndim for x in tensors]
    if any(d != 2 for d in dims[1:-1]) or dims[0] not in (1, 2) or dims[-1] not in (1, 2):
        raise ValueError(
            "linalg.multi_dot takes matrices, and vectors only as the first and the last; "
            f"got shapes {[x.shape for x in tensors]}"
        )
    first = [1] if dims[0] == 1 else [0, 1]
    last = [n - 1] if dims[-1] == 1 else [n - 1, n]
    middle = [[i, i + 1] for i in range(1, n - 1)]
    args = [a for pair in zip(tensors, [first, *middle, last], strict=True) for a in pair]
    return einsum(*args, first[:-1] + last[1:])
