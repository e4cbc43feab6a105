"""SciPy on ndgrad tensors: values, types, devices, and whether gradients flow through."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import scipy.cluster.vq
import scipy.differentiate
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.signal
import scipy.special
import scipy.stats
from scipy import fft, integrate, ndimage, optimize, signal, special, stats
from scipy.optimize import elementwise
from scipy.spatial.transform import Rotation

import ndgrad as nd

random = np.random.default_rng(2)
X = random.standard_normal((4, 6))
Y = random.standard_normal((4, 6))
P = random.uniform(0.1, 1.0, (4, 6))
LINE = random.standard_normal(16)
QUATERNION = random.standard_normal((3, 4))


def find_root(c):
    result = elementwise.find_root(lambda x, c: x * x * x - c, (c * 0 - 2.0, c * 0 + 2.0), args=(c,))
    return result.x


def derivative(x):
    return scipy.differentiate.derivative(lambda x: x**3, x).df


def jacobian(x):
    return scipy.differentiate.jacobian(lambda x: x**2, x).df


def cubature(a, b):
    return integrate.cubature(lambda x: x[:, 0] ** 2 + x[:, 1], a, b).estimate


# What must stay in the namespace: name, function of arrays, the arrays.
INSIDE = [
    ("fft.fft", fft.fft, X),
    ("fft.rfftn", fft.rfftn, X),
    ("integrate.cumulative_trapezoid", integrate.cumulative_trapezoid, X),
    ("integrate.cubature", cubature, np.zeros(2), np.ones(2)),
    ("special.logsumexp", lambda x: special.logsumexp(x, axis=1), X),
    ("special.softmax", lambda x: special.softmax(x, axis=1), X),
    ("special.log_softmax", lambda x: special.log_softmax(x, axis=1), X),
    ("special.xlogy", special.xlogy, X, P),
    ("special.erf", special.erf, X),
    ("special.gammaln", special.gammaln, P),
    ("stats.zscore", stats.zscore, X),
    ("stats.ttest_ind", lambda x, y: tuple(stats.ttest_ind(x, y)), X, Y),
    ("stats.pearsonr", lambda x, y: tuple(stats.pearsonr(x, y)), LINE, LINE[::-1].copy()),
    ("stats.skew", stats.skew, X),
    ("stats.entropy", stats.entropy, P),
    ("stats.quantile", lambda x, p: stats.quantile(x, p), LINE, np.asarray([0.25, 0.5])),
    ("signal.freqz", lambda b: signal.freqz(b, worN=8), P[0]),
    ("signal.hilbert", signal.hilbert, X),
    ("spatial.transform.Rotation", lambda q: Rotation.from_quat(q).as_matrix(), QUATERNION),
    ("optimize.rosen", optimize.rosen, X),
    ("optimize.elementwise.find_root", find_root, P[0]),
    ("differentiate.derivative", derivative, X[0]),
    ("differentiate.jacobian", jacobian, X[0]),
]

# What goes through NumPy inside SciPy 1.17, and comes back as a tensor all the same.
ROUND_TRIP = [
    ("ndimage.gaussian_filter", lambda x: ndimage.gaussian_filter(x, 1.0), X),
    ("fft.dctn", fft.dctn, X),
    ("signal.convolve", lambda x, y: signal.convolve(x, y, mode="same"), LINE, LINE[:3]),
    ("signal.detrend", signal.detrend, X),
    ("cluster.vq.vq", lambda x, y: scipy.cluster.vq.vq(x, y), X, Y[:2]),
    (
        "interpolate.BSpline",
        lambda t, c, x: scipy.interpolate.BSpline(t, c, 2)(x),
        np.arange(8.0),
        P[0, :5],
        np.linspace(2.0, 5.0, 7),
    ),
]

# Functions through which a program differentiates.
DIFFERENTIATED = [
    *[
        (name, f, *arrays)
        for name, f, *arrays in INSIDE
        if name.partition(".")[0] in ("fft", "special", "signal", "spatial")
    ],
    ("fft.ifft", fft.ifft, X),
    ("fft.irfft", fft.irfft, X),
    ("fft.fftshift", fft.fftshift, X),
    ("integrate.cumulative_trapezoid", integrate.cumulative_trapezoid, X),
    ("integrate.trapezoid", integrate.trapezoid, X),
    ("integrate.simpson", integrate.simpson, X),
    ("stats.zscore", stats.zscore, X),
    ("stats.skew", stats.skew, X),
    ("stats.kurtosis", stats.kurtosis, X),
    ("stats.entropy", stats.entropy, P),
    ("stats.variation", stats.variation, P),
    ("stats.gmean", stats.gmean, P),
    ("stats.quantile", lambda x: stats.quantile(x, 0.3), LINE),
    ("stats.ttest_ind", lambda x, y: stats.ttest_ind(x, y).pvalue, X, Y),
    ("stats.pearsonr", lambda x, y: stats.pearsonr(x, y).statistic, LINE, P.reshape(-1)[:16].copy()),
    ("optimize.rosen", optimize.rosen, X),
    ("differentiate.derivative", derivative, X[0]),
    ("linalg.inv", scipy.linalg.inv, X[:, :4] + 4 * np.eye(4)),
    *[
        row
        for row in ROUND_TRIP
        if row[0] in ("ndimage.gaussian_filter", "fft.dctn", "signal.convolve", "signal.detrend")
    ],
]

# More of them, beyond the list by which libraries are compared.
FURTHER = [
    *[(f"fft.{name}", getattr(fft, name), X) for name in (
        "fft2", "ifft2", "fftn", "ifftn", "rfft", "rfft2", "irfft2", "irfftn", "hfft", "ihfft", "ifftshift",
    )],
    *[(f"stats.{name}", getattr(stats, name), P) for name in (
        "circmean", "circstd", "circvar", "gstd", "gzscore", "hmean", "iqr", "kstat", "lmoment", "median_abs_deviation",
        "sem", "tmean", "tsem", "tstd", "tvar",
    )],
    ("stats.pmean", lambda x: stats.pmean(x, 2), P),
    ("stats.ttest_1samp", lambda x: stats.ttest_1samp(x, 0.1).pvalue, X),
    ("stats.ttest_rel", lambda x, y: stats.ttest_rel(x, y).pvalue, X, Y),
    ("stats.f_oneway", lambda x, y: stats.f_oneway(x, y).pvalue, LINE, P.reshape(-1)[:16].copy()),
    ("stats.bartlett", lambda x, y: stats.bartlett(x, y).pvalue, LINE, P.reshape(-1)[:16].copy()),
    ("stats.directional_stats", lambda x: stats.directional_stats(x).mean_direction, X),
    ("signal.fftconvolve", signal.fftconvolve, LINE, LINE[:5].copy()),
    ("signal.hilbert2", signal.hilbert2, X),
    ("signal.envelope", signal.envelope, LINE),
    ("Rotation.apply", lambda q, v: Rotation.from_quat(q).apply(v), QUATERNION, X[:3, :3].copy()),
    ("Rotation.as_rotvec", lambda q: Rotation.from_quat(q).as_rotvec(), QUATERNION),
    ("Rotation.as_euler", lambda q: Rotation.from_quat(q).as_euler("xyz"), QUATERNION),
    ("Rotation.from_rotvec", lambda v: Rotation.from_rotvec(v).as_matrix(), X[:, :3].copy()),
    ("Rotation.from_euler", lambda v: Rotation.from_euler("xyz", v).as_matrix(), X[:, :3].copy()),
    ("Rotation.mean", lambda q: Rotation.from_quat(q).mean().as_matrix(), QUATERNION),
    ("optimize.rosen_der", optimize.rosen_der, X),
    ("integrate.cumulative_simpson", integrate.cumulative_simpson, X),
]  # fmt: skip

# Through these no gradient can flow: SciPy asks for a NumPy array, which ndgrad refuses while a gradient is recorded.
LEAVES = {
    "fft.dctn": "SciPy converts it to NumPy",
    "integrate.simpson": "SciPy converts it to NumPy",
    "linalg.inv": "SciPy converts it to NumPy",
    "ndimage.gaussian_filter": "SciPy converts it to NumPy",
    "signal.convolve": "SciPy converts it to NumPy",
    "signal.detrend": "SciPy converts it to NumPy",
}


def ids(rows):
    return [row[0] for row in rows]


@pytest.mark.parametrize("row", INSIDE + ROUND_TRIP, ids=ids(INSIDE + ROUND_TRIP))
def test_the_result_is_a_tensor_of_numpys_value(row, agree, tensors):
    _, function, *arrays = row
    agree(function(*tensors(arrays)), function(*arrays))


def outcome(row, tensors):
    """Whether a gradient flows through, and is right: ``kept``, ``lost`` or the error."""
    _, function, *arrays = row
    inputs = tensors(arrays, requires_grad=True)
    try:
        result = function(*inputs)
    except (RuntimeError, TypeError, BufferError) as error:
        return "error" if ".detach()" in str(error) else repr(error)
    outs = [
        y
        for y in (result if isinstance(result, tuple) else (result,))
        if isinstance(y, nd.Tensor) and y.dtype.is_inexact
    ]
    if not any(y.requires_grad for y in outs):
        return "lost"
    loss(outs).backward()
    direction = [np.sin(1.0 + np.arange(a.size)).reshape(a.shape) for a in arrays]
    moved = [[a + h * d for a, d in zip(arrays, direction, strict=True)] for h in (1e-6, -1e-6)]
    ahead, behind = (loss_of(function(*m)) for m in moved)
    slope = sum(
        float((np.asarray(x.grad) * d).sum()) for x, d in zip(inputs, direction, strict=True) if x.grad is not None
    )
    assert slope == pytest.approx((ahead - behind) / 2e-6, rel=1e-4, abs=1e-6)
    return "kept"


@pytest.mark.parametrize("row", FURTHER, ids=ids(FURTHER))
def test_a_gradient_flows_through_further_functions(row, tensors):
    assert outcome(row, tensors) == "kept"


def weights(shape):
    return np.cos(np.arange(float(np.prod(shape, dtype=int)))).reshape(shape)


def loss(outs):
    total = 0.0
    for y in outs:
        if not y.requires_grad:
            continue
        w = nd.asarray(weights(y.shape))
        parts = (nd.real(y), nd.imag(y)) if y.dtype.is_complex else (y,)
        for part in parts:
            total = total + nd.sum(w * part)
    return total


def loss_of(result):
    outs = result if isinstance(result, tuple) else (result,)
    return sum(
        float((weights(np.shape(y)) * part).sum())
        for y in outs
        for part in ((np.real(y), np.imag(y)) if np.iscomplexobj(y) else (y,))
    )


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=ids(DIFFERENTIATED))
def test_the_gradient_flows_or_its_loss_is_an_error(row, tensors):
    assert outcome(row, tensors) == ("error" if row[0] in LEAVES else "kept")


def test_no_gradient_is_lost_in_silence(record_property, tensors):
    counts = Counter()
    for row in DIFFERENTIATED:
        counts[outcome(row, tensors)] += 1
    summary = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
    record_property(
        "interop", f"gradients through {len(DIFFERENTIATED)} SciPy functions: {summary}, {counts['lost']} lost"
    )
    assert counts["lost"] == 0
    assert counts["kept"] == len(DIFFERENTIATED) - len(LEAVES)


def test_the_example_of_the_readme_finds_the_rotation():
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (example,) = [text for text in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "scipy" in text]
    printed = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == re.findall(r"print\(v\)  # (.*)", example)[0]
