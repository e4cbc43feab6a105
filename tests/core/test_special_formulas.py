"""Special functions in other ops, as backends without kernels compute them, beside SciPy's."""

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.rows import OPS

special = pytest.importorskip("scipy.special")

inf, nan = np.inf, np.nan
LINE = np.concatenate([np.linspace(-40, 40, 321), [0.0, 1e-8, 1e-300, 100.0, 700.0, nan]])
POSITIVE = np.concatenate([np.linspace(0.01, 40, 321), [0.0, 1e-300, 1e-8, 700.0, inf, nan, -1.0]])
SHAPES = 10.0 ** np.linspace(-2, 2, 13)
UNIT = np.concatenate([np.linspace(0, 1, 21), [1e-12, nan, -1.0, 2.0]])
COUNTS = np.arange(-1.0, 8.0)

# name, operands (all combinations of theirs are tried), absolute tolerance near zeros
FORMULAS = [
    *[(name, [LINE], 0.0) for name in ("i0", "i0e", "i1", "i1e", "cbrt", "exp2", "exp10", "exprel")],
    *[(name, [LINE], 1e-13) for name in ("j0", "j1", "expi", "cosm1")],
    *[(name, [POSITIVE], 1e-13) for name in ("y0", "y1")],
    *[(name, [POSITIVE], 0.0) for name in ("k0", "k0e", "k1", "k1e", "exp1")],
    *[(name, [np.concatenate([np.linspace(-3, 1, 101), [1 - 1e-12, 2.0]])], 0.0) for name in ("ellipk", "ellipe")],
    ("ellipkm1", [np.concatenate([np.logspace(-300, 0, 61), [0.0, 3.0, -1.0]])], 0.0),
    ("expn", [[0.0, 1.0, 2.0, 3.0, 10.0, 50.0], np.concatenate([np.logspace(-8, 2.7, 60), [0.0, inf, -1.0]])], 0.0),
    ("spence", [np.concatenate([np.linspace(0, 5, 101), np.logspace(-10, 10, 41), [-1.0]])], 1e-13),
    *[(name, [np.arange(-720.0, 721.0, 15.0)], 1e-15) for name in ("sindg", "cosdg", "tandg", "cotdg")],
    *[(name, [np.concatenate([np.linspace(-4.7, 30, 201), [0.0, -0.0, -1.0, 171.0, inf]])], 0.0)
      for name in ("gamma", "rgamma", "gammasgn", "loggamma")],
    *[(name, [np.linspace(0.1, 20, 21)] * 2, 1e-14) for name in ("beta", "betaln", "poch")],
    ("binom", [np.linspace(0, 20, 41)] * 2, 1e-14),
    ("polygamma", [[0.0, 1.0, 2.0, 5.0, 10.0], np.linspace(0.1, 30, 61)], 0.0),
    ("zeta", [np.concatenate([np.linspace(1.0, 30, 41), [-3.0, 0.5, 0.0]]), np.linspace(0.1, 30, 21)], 0.0),
    ("riemann_zeta", [np.concatenate([np.linspace(-8.3, 60, 201), [0.0, 1.0]])], 0.0),
    ("zetac", [np.concatenate([np.linspace(-8.3, 60, 201), [inf]])], 0.0),
    *[(name, [SHAPES, np.concatenate([[0.0, inf, nan, -1.0], 10.0 ** np.linspace(-3, 2, 31)])], 1e-200)
      for name in ("gammainc", "gammaincc")],
    *[(name, [SHAPES, SHAPES, UNIT], 1e-200) for name in ("betainc", "betaincc")],
    *[(name, [SHAPES, UNIT], 1e-200) for name in ("gammaincinv", "gammainccinv")],
    ("betaincinv", [SHAPES[4:], SHAPES[4:], UNIT], 1e-200),
    ("erfcinv", [np.concatenate([np.linspace(0, 2, 101), np.logspace(-300, -1, 20), [3.0]])], 1e-15),
    *[(name, [COUNTS, np.arange(1.0, 8.0), UNIT], 1e-200) for name in ("nbdtr", "nbdtrc")],
    ("nbdtri", [COUNTS, np.arange(1.0, 8.0), UNIT[1:20]], 0.0),
    *[(name, [np.arange(-1.0, 30.0), np.linspace(0, 60, 41)], 1e-200) for name in ("pdtr", "pdtrc")],
    ("pdtri", [COUNTS[1:], UNIT[1:20]], 0.0),
    *[(name, [np.linspace(0.1, 50, 21), np.linspace(0, 60, 41)], 1e-200) for name in ("chdtr", "chdtrc")],
    ("chdtri", [SHAPES, UNIT[1:20]], 1e-200),
    *[(name, [np.linspace(0.1, 5, 9)] * 2 + [np.linspace(0, 20, 21)], 1e-200)
      for name in ("gdtr", "gdtrc", "fdtr", "fdtrc")],
    ("fdtri", [SHAPES[4:], SHAPES[4:], UNIT[1:20]], 0.0),
    ("stdtr", [np.linspace(0.1, 30, 21), np.linspace(-10, 10, 41)], 0.0),
    ("stdtrit", [SHAPES, UNIT[1:20]], 1e-14),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # both sides of a choice are computed
@pytest.mark.parametrize("row", FORMULAS, ids=[row[0] for row in FORMULAS])
def test_a_formula_has_full_precision_without_a_kernel(row):
    name, operands, absolute = row
    xs = [x.ravel() for x in np.meshgrid(*operands)]
    found = np.asarray(OPS[f"special.{name}"].decompose(*[nd.asarray(x, dtype=nd.float64) for x in xs]))
    expected = getattr(special, {"riemann_zeta": "zeta"}.get(name, name))(*xs)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=absolute)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["bdtr", "bdtrc", "bdtri"])
def test_binomial_distributions_take_whole_numbers_of_trials(name):
    k, n, p = (x.ravel() for x in np.meshgrid(COUNTS[1:], np.arange(1.0, 8.0), UNIT[1:20]))
    found = np.asarray(OPS[f"special.{name}"].decompose(*[nd.asarray(x, dtype=nd.float64) for x in (k, n, p)]))
    np.testing.assert_allclose(found, getattr(special, name)(k, n.astype(np.int64), p), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", ["sindg", "gammasgn", "spence", "i0", "betainc"])
def test_a_formula_answers_in_the_dtype_of_its_operands(name):
    operands = [nd.asarray([0.5], dtype=nd.float32)] * (3 if name == "betainc" else 1)
    with nd.set_default_dtype(nd.float64):
        assert OPS[f"special.{name}"].decompose(*operands).dtype is nd.float32
