"""Elementary functions of a float32 as polynomials: unlike those of the C library, loops over them are vectorized.

Infinities and NaN pass through as they do in NumPy's functions.

Sources: Cephes (S. Moshier), ``expf``; Abramowitz and Stegun 4.1.27.
"""

from __future__ import annotations

import math

import numpy as np

from ndgrad_cpu.compiled.sources.language import bits, from_bits, inlined

__all__ = ["HALF", "ONE", "TWO", "ZERO", "erf", "exp", "log1p_of_exp", "normal_cdf", "sigmoid"]

f32, i32 = np.float32, np.int32
ZERO, HALF, ONE, TWO = f32(0), f32(0.5), f32(1), f32(2)

# -- exp: 2^n exp(r) for the nearest n -----------------------------------------------------------------------------

# To add this leaves the nearest integer in the lowest bits, and to subtract it again that integer.
ROUND = f32(1.5 * 2**23)
ROUND_BITS = i32(ROUND.view(i32))
LOG2_E = f32(1 / math.log(2))
# log(2) in two parts, of which the first is exact in products with n.
LN2_HIGH, LN2_LOW = f32(0.693359375), f32(math.log(2) - 0.693359375)
LOWEST, HIGHEST = f32(-104), f32(88.8)  # beyond, the result is 0 or infinite
E2, E3, E4, E5, E6, E7 = map(
    f32, (5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4)
)
BIAS, MANTISSA, BIT = i32(127), i32(23), i32(1)


@inlined
def exp(x):
    """To 1.01 units in the last place, down to denormal results."""
    x = LOWEST if x < LOWEST else x  # so written, NaN stays
    x = HIGHEST if x > HIGHEST else x
    rounded = x * LOG2_E + ROUND
    n = rounded - ROUND
    r = x - n * LN2_HIGH
    r = r - n * LN2_LOW
    y = ((((E7 * r + E6) * r + E5) * r + E4) * r + E3) * r + E2
    y = y * (r * r) + r + ONE
    # 2^n as the product of two powers, for n may be beyond the exponents that there are
    power = i32(bits(rounded) - ROUND_BITS)
    first = i32(power >> BIT)
    y = y * from_bits(i32((first + BIAS) << MANTISSA))
    return y * from_bits(i32((power - first + BIAS) << MANTISSA))


@inlined
def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return ONE / (ONE + exp(-x))


# -- log(1 + exp(-|x|)) --------------------------------------------------------------------------------------------

L1, L3, L5, L7, L9, L11, L13 = (f32(2 / k) for k in (1, 3, 5, 7, 9, 11, 13))


@inlined
def log1p_of_exp(x):
    """log(1 + z) for z = exp(-|x|): 2 artanh(s) for s = z / (2 + z), which is at most 1/3."""
    z = exp(-abs(x))
    s = z / (TWO + z)
    u = s * s
    return ((((((L13 * u + L11) * u + L9) * u + L7) * u + L5) * u + L3) * u + L1) * s


# -- the normal distribution ---------------------------------------------------------------------------------------

# erf(x) / x as a quotient of polynomials in x^2, fitted for the least relative error, 2e-8, up to 3.92; 1 beyond.
SATURATED = f32(4)
N0, N1, N2, N3, N4, N5 = map(
    f32, (1.1283791464, 0.190384138899, 0.0527458450952, 3.76469062744e-3, 2.84866994105e-4, 2.05031581252e-6)
)
D1, D2, D3, D4, D5 = map(f32, (0.502056294569, 0.11409995271, 0.0149673439845, 1.16232136005e-3, 3.80932862229e-5))


@inlined
def erf(x):
    """To 4 units in the last place."""
    t = SATURATED if x > SATURATED else x
    t = -SATURATED if t < -SATURATED else t
    u = t * t
    y = t * (((((N5 * u + N4) * u + N3) * u + N2) * u + N1) * u + N0)
    y = y / (((((D5 * u + D4) * u + D3) * u + D2) * u + D1) * u + ONE)
    y = ONE if y > ONE else y
    return -ONE if y < -ONE else y


SQRT_HALF = f32(math.sqrt(0.5))


@inlined
def normal_cdf(x):
    """(1 + erf(x / sqrt 2)) / 2."""
    return HALF + HALF * erf(x * SQRT_HALF)
