"""Printing, beside what PyTorch 2.13.0 printed for the same calls, word for word but for the prefix of dtypes."""

from __future__ import annotations

import pytest

import ndgrad as nd

nan, inf = float("nan"), float("inf")

CASES = {
    "floats": (lambda: nd.tensor([[0.1, -2.0], [3.25, 4.0]]), """\
tensor([[ 0.1000, -2.0000],
        [ 3.2500,  4.0000]])"""),
    "integral floats": (lambda: nd.tensor([1.0, 20.0, -3.0]), "tensor([ 1., 20., -3.])"),
    "zeros": (lambda: nd.zeros(2, 3), """\
tensor([[0., 0., 0.],
        [0., 0., 0.]])"""),
    "scalar": (lambda: nd.tensor(3.14159265), "tensor(3.1416)"),
    "integral scalar": (lambda: nd.tensor(2.0), "tensor(2.)"),
    "integer scalar": (lambda: nd.tensor(7), "tensor(7)"),
    "boolean scalar": (lambda: nd.tensor(True), "tensor(True)"),
    "complex scalar": (lambda: nd.tensor(1.5 - 2j), "tensor(1.5000-2.j)"),
    "integers": (lambda: nd.tensor([[1, -20], [300, 4]]), """\
tensor([[  1, -20],
        [300,   4]])"""),
    "int32": (lambda: nd.tensor([1, 2], dtype=nd.int32), "tensor([1, 2], dtype=ndgrad.int32)"),
    "uint8": (lambda: nd.tensor([1, 255], dtype=nd.uint8), "tensor([  1, 255], dtype=ndgrad.uint8)"),
    "booleans": (lambda: nd.tensor([[True, False], [False, True]]), """\
tensor([[ True, False],
        [False,  True]])"""),
    "float64": (lambda: nd.tensor([0.5, 1.5], dtype=nd.float64), "tensor([0.5000, 1.5000], dtype=ndgrad.float64)"),
    "float16": (lambda: nd.tensor([0.1, 2.0], dtype=nd.float16), "tensor([0.1000, 2.0000], dtype=ndgrad.float16)"),
    "bfloat16": (lambda: nd.tensor([0.1, 2.0], dtype=nd.bfloat16), "tensor([0.1001, 2.0000], dtype=ndgrad.bfloat16)"),
    "large spread": (lambda: nd.tensor([1.0, 10000.5]), "tensor([1.0000e+00, 1.0000e+04])"),
    "large integral spread": (
        lambda: nd.tensor([1.0, 20000.0, -3.0]),
        "tensor([ 1.0000e+00,  2.0000e+04, -3.0000e+00])",
    ),
    "large": (lambda: nd.tensor([123456789.0, 2.5e9]), "tensor([1.2346e+08, 2.5000e+09])"),
    "small": (lambda: nd.tensor([1e-5, 2e-5]), "tensor([1.0000e-05, 2.0000e-05])"),
    "small scalar": (lambda: nd.tensor(1e-7), "tensor(1.0000e-07)"),
    "nan and inf": (lambda: nd.tensor([nan, inf, -inf, 1.0]), "tensor([nan, inf, -inf, 1.])"),
    "nan among fractions": (lambda: nd.tensor([[nan, 1.5], [-inf, -100.25]]), """\
tensor([[      nan,    1.5000],
        [     -inf, -100.2500]])"""),
    "only nan": (lambda: nd.tensor([nan, nan]), "tensor([nan, nan])"),
    "negative zero": (lambda: nd.tensor([-0.0, 0.0]), "tensor([-0., 0.])"),
    "zero among small": (lambda: nd.tensor([0.0, 1e-6, nan]), "tensor([0.0000e+00, 1.0000e-06,        nan])"),
    "complex": (lambda: nd.tensor([[1 + 2j, -1.5 - 0.25j], [100 + 0j, 1e-3j]]), """\
tensor([[  1.0000+2.0000e+00j,  -1.5000-2.5000e-01j],
        [100.0000+0.0000e+00j,   0.0000+1.0000e-03j]])"""),
    "integral complex": (lambda: nd.tensor([1 + 2j, -3 - 40j]), "tensor([ 1.+2.j, -3.-40.j])"),
    "complex nan": (lambda: nd.tensor([complex(nan, -inf), complex(1, nan)]), "tensor([nan-infj, 1.+nanj])"),
    "complex128": (lambda: nd.tensor([1 + 2j], dtype=nd.complex128), "tensor([1.+2.j], dtype=ndgrad.complex128)"),
    "three axes": (lambda: nd.arange(12).reshape((2, 3, 2)), """\
tensor([[[ 0,  1],
         [ 2,  3],
         [ 4,  5]],

        [[ 6,  7],
         [ 8,  9],
         [10, 11]]])"""),
    "four axes": (lambda: nd.arange(4.0).reshape((2, 1, 2, 1)), """\
tensor([[[[0.],
          [1.]]],


        [[[2.],
          [3.]]]])"""),
    "long line": (lambda: nd.arange(30), """\
tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])"""),
    "long float line": (lambda: nd.arange(25.0) / 7, """\
tensor([0.0000, 0.1429, 0.2857, 0.4286, 0.5714, 0.7143, 0.8571, 1.0000, 1.1429,
        1.2857, 1.4286, 1.5714, 1.7143, 1.8571, 2.0000, 2.1429, 2.2857, 2.4286,
        2.5714, 2.7143, 2.8571, 3.0000, 3.1429, 3.2857, 3.4286])"""),
    "long rows": (lambda: nd.arange(40).reshape((2, 20)) * 1000, """\
tensor([[    0,  1000,  2000,  3000,  4000,  5000,  6000,  7000,  8000,  9000,
         10000, 11000, 12000, 13000, 14000, 15000, 16000, 17000, 18000, 19000],
        [20000, 21000, 22000, 23000, 24000, 25000, 26000, 27000, 28000, 29000,
         30000, 31000, 32000, 33000, 34000, 35000, 36000, 37000, 38000, 39000]])"""),
    "summarized": (lambda: nd.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
    "summarized matrix": (lambda: nd.arange(4000.0).reshape((40, 100)), """\
tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 9.7000e+01, 9.8000e+01,
         9.9000e+01],
        [1.0000e+02, 1.0100e+02, 1.0200e+02,  ..., 1.9700e+02, 1.9800e+02,
         1.9900e+02],
        [2.0000e+02, 2.0100e+02, 2.0200e+02,  ..., 2.9700e+02, 2.9800e+02,
         2.9900e+02],
        ...,
        [3.7000e+03, 3.7010e+03, 3.7020e+03,  ..., 3.7970e+03, 3.7980e+03,
         3.7990e+03],
        [3.8000e+03, 3.8010e+03, 3.8020e+03,  ..., 3.8970e+03, 3.8980e+03,
         3.8990e+03],
        [3.9000e+03, 3.9010e+03, 3.9020e+03,  ..., 3.9970e+03, 3.9980e+03,
         3.9990e+03]])"""),
    "summarized one axis": (lambda: nd.arange(4000).reshape((4, 1000)), """\
tensor([[   0,    1,    2,  ...,  997,  998,  999],
        [1000, 1001, 1002,  ..., 1997, 1998, 1999],
        [2000, 2001, 2002,  ..., 2997, 2998, 2999],
        [3000, 3001, 3002,  ..., 3997, 3998, 3999]])"""),
    "summarized three axes": (lambda: nd.arange(3000).reshape((10, 3, 100)), """\
tensor([[[   0,    1,    2,  ...,   97,   98,   99],
         [ 100,  101,  102,  ...,  197,  198,  199],
         [ 200,  201,  202,  ...,  297,  298,  299]],

        [[ 300,  301,  302,  ...,  397,  398,  399],
         [ 400,  401,  402,  ...,  497,  498,  499],
         [ 500,  501,  502,  ...,  597,  598,  599]],

        [[ 600,  601,  602,  ...,  697,  698,  699],
         [ 700,  701,  702,  ...,  797,  798,  799],
         [ 800,  801,  802,  ...,  897,  898,  899]],

        ...,

        [[2100, 2101, 2102,  ..., 2197, 2198, 2199],
         [2200, 2201, 2202,  ..., 2297, 2298, 2299],
         [2300, 2301, 2302,  ..., 2397, 2398, 2399]],

        [[2400, 2401, 2402,  ..., 2497, 2498, 2499],
         [2500, 2501, 2502,  ..., 2597, 2598, 2599],
         [2600, 2601, 2602,  ..., 2697, 2698, 2699]],

        [[2700, 2701, 2702,  ..., 2797, 2798, 2799],
         [2800, 2801, 2802,  ..., 2897, 2898, 2899],
         [2900, 2901, 2902,  ..., 2997, 2998, 2999]]])"""),
    "summarized fractions": (lambda: nd.arange(1200.0) / 8, """\
tensor([0.0000e+00, 1.2500e-01, 2.5000e-01,  ..., 1.4962e+02, 1.4975e+02,
        1.4988e+02])"""),
    "summarized complex": (lambda: nd.arange(1200.0) * 1j, """\
tensor([0.+0.0000e+00j, 0.+1.0000e+00j, 0.+2.0000e+00j,  ..., 0.+1.1970e+03j,
        0.+1.1980e+03j, 0.+1.1990e+03j])"""),
    "empty": (lambda: nd.tensor([]), "tensor([])"),
    "empty matrix": (lambda: nd.zeros(0, 3), "tensor([], size=(0, 3))"),
    "empty integers": (lambda: nd.zeros(0, dtype=nd.int64), "tensor([], dtype=ndgrad.int64)"),
    "empty matrix of int32": (lambda: nd.zeros((2, 0), dtype=nd.int32), "tensor([], size=(2, 0), dtype=ndgrad.int32)"),
    "leaf": (lambda: nd.tensor([1.0, 2.0], requires_grad=True), "tensor([1., 2.], requires_grad=True)"),
    "leaf of float64": (lambda: nd.tensor([[1.0], [2.0]], dtype=nd.float64, requires_grad=True), """\
tensor([[1.],
        [2.]], dtype=ndgrad.float64, requires_grad=True)"""),
    "suffix on a new line": (lambda: nd.tensor([[0.5] * 9] * 2, dtype=nd.float64, requires_grad=True), """\
tensor([[0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000],
        [0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000]],
       dtype=ndgrad.float64, requires_grad=True)"""),
    "suffix after a full line": (lambda: nd.tensor([123456.5] * 7, dtype=nd.float64, requires_grad=True), """\
tensor([123456.5000, 123456.5000, 123456.5000, 123456.5000, 123456.5000,
        123456.5000, 123456.5000], dtype=ndgrad.float64, requires_grad=True)"""),
}  # fmt: skip

WITH_OPTIONS = {
    "precision": ({"precision": 2}, lambda: nd.tensor([0.123, 4.567]), "tensor([0.12, 4.57])"),
    "sci_mode on": ({"sci_mode": True}, lambda: nd.tensor([0.123, 4.567]), "tensor([1.2300e-01, 4.5670e+00])"),
    "sci_mode off": ({"sci_mode": False}, lambda: nd.tensor([1.0, 1e9]), "tensor([         1., 1000000000.])"),
    "sci_mode off for fractions": (
        {"sci_mode": False}, lambda: nd.tensor([1e-6, 1e3]),
        "tensor([   0.0000, 1000.0000])",
    ),
    "sci_mode on for integral": ({"sci_mode": True}, lambda: nd.tensor([1.0, 2.0]), "tensor([1.0000e+00, 2.0000e+00])"),
    "threshold and edgeitems": ({"threshold": 5, "edgeitems": 1}, lambda: nd.arange(12).reshape((4, 3)), """\
tensor([[ 0,  ...,  2],
        ...,
        [ 9,  ..., 11]])"""),
    "linewidth": ({"linewidth": 30}, lambda: nd.arange(12), """\
tensor([ 0,  1,  2,  3,  4,
         5,  6,  7,  8,  9,
        10, 11])"""),
    "profile short": (
        {"profile": "short"}, lambda: nd.arange(2000.0) / 8,
        "tensor([0.00e+00, 1.25e-01,  ..., 2.50e+02, 2.50e+02])",
    ),
    "profile full": (
        {"profile": "full", "linewidth": 400}, lambda: nd.arange(20),
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_tensor_prints_as_in_pytorch(case: str) -> None:
    make, expected = CASES[case]
    assert repr(make()) == expected


@pytest.mark.parametrize("case", WITH_OPTIONS)
def test_print_options_mean_what_they_mean_in_pytorch(case: str) -> None:
    options, make, expected = WITH_OPTIONS[case]
    with nd.set_printoptions(**options):
        assert repr(make()) == expected


def test_a_thousand_elements_print_in_full_and_one_more_does_not() -> None:
    assert "..." not in repr(nd.zeros(1000))
    assert repr(nd.zeros(1001)) == "tensor([0., 0., 0.,  ..., 0., 0., 0.])"


def test_a_result_names_the_op_that_made_it() -> None:
    x = nd.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x * 2) == "tensor([2., 4.], grad_fn=<multiply>)"


def test_the_default_dtype_is_not_named() -> None:
    with nd.set_default_dtype(nd.float64):
        assert repr(nd.ones(1)) == "tensor([1.])"
        assert repr(nd.ones(1, dtype=nd.float32)) == "tensor([1.], dtype=ndgrad.float32)"


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="'default', 'short', 'full'"):
        nd.set_printoptions(profile="long")
