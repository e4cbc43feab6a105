"""Streams that repeat, numbers of the right distribution, and the portable generator beside its published vectors."""

from __future__ import annotations

from typing import Any

import pytest

import ndgrad as nd
from ndgrad import random
from ndgrad.threefry import Threefry

N = 20_000


@pytest.fixture(params=["native", "portable"])
def generator(request: pytest.FixtureRequest) -> random.Generator:
    found = random.Generator("cpu", seed=1234)
    if request.param == "portable":
        found.native = Threefry(found.device, 1234)
    return found


# Salmon et al. (2011), the known-answer vectors of Random123: key, counter, result of Threefry-2x32 with 20 rounds.
VECTORS = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("key", "counter", "expected"), VECTORS)
def test_threefry_gives_its_published_vectors(key: Any, counter: Any, expected: Any) -> None:
    generator = Threefry(nd.device("cpu"), key[0] | key[1] << 32)
    generator.counter = counter[0] | counter[1] << 32
    assert tuple(word.item() for word in generator.words(1)) == expected


DRAWS = {
    "rand": lambda g: nd.rand(2, 3, generator=g),
    "randn": lambda g: nd.randn((3,), dtype=nd.float64, generator=g),
    "randint": lambda g: nd.randint(-5, 5, (4,), generator=g),
    "randperm": lambda g: nd.randperm(6, generator=g),
    "normal": lambda g: nd.normal(nd.zeros(2), 3.0, generator=g),
    "uniform": lambda g: random.uniform((2,), -1, 1, generator=g),
    "exponential": lambda g: random.exponential((2,), generator=g),
    "bernoulli": lambda g: nd.bernoulli(nd.full((9,), 0.5), generator=g),
    "multinomial": lambda g: nd.multinomial(nd.ones(9), 4, generator=g),
    "multinomial with replacement": lambda g: nd.multinomial(nd.ones((2, 9)), 4, True, generator=g),
    "complex": lambda g: nd.randn(2, dtype=nd.complex64, generator=g),
    "half": lambda g: nd.rand(5, dtype=nd.bfloat16, generator=g),
}


@pytest.mark.parametrize("case", DRAWS)
def test_a_restored_state_repeats_the_stream(case: str, generator: random.Generator, tmp_path: Any) -> None:
    draw = DRAWS[case]
    draw(generator)
    nd.save({"rng": generator.get_state()}, tmp_path / "state")
    first, second = draw(generator).tolist(), draw(generator).tolist()
    assert first != second or "bernoulli" in case
    generator.set_state(nd.load(tmp_path / "state")["rng"])
    assert draw(generator).tolist() == first
    assert draw(generator).tolist() == second


@pytest.mark.parametrize("case", DRAWS)
def test_a_seed_repeats_the_default_stream(case: str) -> None:
    nd.manual_seed(3)
    first = DRAWS[case](None)
    nd.manual_seed(3)
    again = DRAWS[case](None)
    assert again.tolist() == first.tolist()
    assert random.default_generator().initial_seed() == 3


def test_the_default_stream_goes_on_from_a_state_that_was_kept() -> None:
    nd.manual_seed(3)
    assert random.initial_seed() == 3
    state = random.get_rng_state()
    first = nd.randn(5)
    random.set_rng_state(state)
    assert bool(nd.all(nd.randn(5) == first))
    with pytest.raises(ValueError, match="not the state of a generator"):
        random.set_rng_state(nd.zeros(4, dtype=nd.uint8))
    with pytest.raises(TypeError, match=r"the uint8 tensor that get_state\(\) gave, got int"):
        random.set_rng_state(3)
    assert bool(nd.any(nd.randn(5) != first))  # what was refused changed nothing


@pytest.mark.parametrize("devices", [None, ["cpu"]])
def test_a_fork_leaves_the_streams_outside_as_they_were(devices: Any) -> None:
    nd.manual_seed(3)
    expected = nd.randn(5)
    nd.manual_seed(3)
    with random.fork_rng(devices):
        nd.manual_seed(4)
        nd.randn(5)
    assert bool(nd.all(nd.randn(5) == expected))


def test_the_stream_goes_on_through_a_fork_that_is_off_or_of_no_device() -> None:
    for fork in (random.fork_rng(enabled=False), random.fork_rng(devices=[])):
        nd.manual_seed(3)
        nd.randn(5)
        second = nd.randn(5)
        nd.manual_seed(3)
        with fork:
            nd.randn(5)
        assert bool(nd.all(nd.randn(5) == second))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"])
def test_uniform_and_normal_numbers_have_their_moments(dtype: Any, generator: random.Generator) -> None:
    dtype = getattr(nd, dtype)
    kind = nd.complex128 if dtype.is_complex else nd.float64
    u = nd.rand(N, dtype=dtype, generator=generator)
    z = nd.randn(N, dtype=dtype, generator=generator)
    assert u.dtype == z.dtype == dtype
    u, z = u.to(kind), z.to(kind)
    parts = [nd.real(u), nd.imag(u)] if dtype.is_complex else [u]
    for part in parts:
        assert 0 <= nd.min(part).item() <= nd.max(part).item() < 1
        assert abs(nd.mean(part).item() - 0.5) < 0.02
    assert abs(nd.mean(z).item()) < 0.03
    assert abs(nd.mean(nd.abs(z) ** 2).item() - 1) < 0.04


def test_integers_fill_their_interval(generator: random.Generator) -> None:
    x = nd.randint(-2, 3, (N,), generator=generator, dtype=nd.int8)
    assert x.dtype == nd.int8
    assert nd.unique_values(x).tolist() == [-2, -1, 0, 1, 2]
    assert abs(nd.mean(x.to(nd.float64)).item()) < 0.05
    assert sorted(nd.randperm(50, generator=generator).tolist()) == list(range(50))


def test_multinomial_follows_the_weights(generator: random.Generator) -> None:
    p = nd.asarray([1.0, 0.0, 3.0])
    drawn = nd.multinomial(p, N, replacement=True, generator=generator)
    assert abs(nd.mean((drawn == 2).to(nd.float64)).item() - 0.75) < 0.02
    assert not nd.any(drawn == 1)
    assert set(nd.multinomial(p, 2, generator=generator).tolist()) == {0, 2}
    with pytest.raises(ValueError, match="4 samples"):
        nd.multinomial(p, 4)


def test_normal_lets_gradients_through() -> None:
    mean, std = nd.zeros(3, requires_grad=True), nd.ones(3, requires_grad=True)
    nd.sum(nd.normal(mean, std)).backward()
    assert mean.grad.tolist() == [1, 1, 1]
    assert std.grad is not None


def test_shapes_are_written_as_in_pytorch() -> None:
    assert nd.randint(5, (2,)).shape == nd.randint(0, 5, (2,)).shape == (2,)
    assert nd.rand().shape == ()
    assert nd.randn(2, 3).shape == nd.randn((2, 3)).shape == nd.rand_like(nd.zeros((2, 3))).shape
    assert nd.randn(1, requires_grad=True).requires_grad


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nd.randint(3, 3, (1,)), ValueError, r"\[3, 3\)"),
        (lambda: nd.rand(2, dtype=nd.int64), TypeError, "randint"),
        (lambda: nd.randn(2.5), TypeError, "randn"),
        (lambda: random.Generator().set_state(nd.zeros(3, dtype=nd.uint8)), ValueError, "not the state"),
    ],
)
def test_bad_arguments_are_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
