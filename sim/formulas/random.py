"""Draws addressed by (stream, entity, slot), never by order of use.

Philox4x32-10 as a stateless function: adding an agent or switching a channel moves nobody's draws.
Sources: Salmon, Moraes, Dror and Shaw (2011), Parallel Random Numbers: As Easy as 1, 2, 3;
Wichura (1988), Algorithm AS 241 (normal quantiles, relative accuracy 1e-16).
"""

from __future__ import annotations

import math

import numpy as np

from sim.compile import formula, kernel

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_FIVE = np.uint64(5)
_SIX = np.uint64(6)


@kernel
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Ten rounds on a counter and a key of 32-bit words held in uint64 (no product overflows 64 bits)."""
    for _ in range(10):
        p0 = _MULTIPLIER_0 * c0
        p1 = _MULTIPLIER_1 * c2
        n0 = (p1 >> _HALF) ^ c1 ^ k0
        n2 = (p0 >> _HALF) ^ c3 ^ k1
        c1 = p1 & _LOW
        c3 = p0 & _LOW
        c0 = n0
        c2 = n2
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@kernel
def uniform(seed, stream, entity, slot):
    """One number in (0, 1) for this seed, stream, entity and slot (53 bits)."""
    key = np.uint64(stream)
    start = np.uint64(seed)
    c0, c1, _, _ = philox4x32(
        np.uint64(slot) & _LOW,
        np.uint64(entity) & _LOW,
        start & _LOW,
        start >> _HALF,
        key & _LOW,
        key >> _HALF,
    )
    whole = np.float64(np.int64(c0 >> _FIVE)) * 67108864.0 + np.float64(np.int64(c1 >> _SIX))
    return (whole + 0.5) / 9007199254740992.0


@formula
def _ratio(x, n0, n1, n2, n3, n4, n5, n6, n7, d1, d2, d3, d4, d5, d6, d7):
    above = ((((((n7 * x + n6) * x + n5) * x + n4) * x + n3) * x + n2) * x + n1) * x + n0
    below = ((((((d7 * x + d6) * x + d5) * x + d4) * x + d3) * x + d2) * x + d1) * x + 1.0
    return above / below


@kernel
def normal_quantile(probability):
    """The standard normal quantile of a probability in (0, 1)."""
    q = probability - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _ratio(
            r,
            3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
            1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
            3.3430575583588128105e4, 2.5090809287301226727e3, 4.2313330701600911252e1,
            6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
            3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
        )  # fmt: skip
    tail = probability if q < 0.0 else 1.0 - probability
    r = math.sqrt(-math.log(tail))
    if r <= 5.0:
        value = _ratio(
            r - 1.6,
            1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
            3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
            2.27238449892691845833e-2, 7.74545014278341407640e-4, 2.05319162663775882187e0,
            1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
            1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
        )  # fmt: skip
    else:
        value = _ratio(
            r - 5.0,
            6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
            2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
            2.71155556874348757815e-5, 2.01033439929228813265e-7, 5.99832206555887937690e-1,
            1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
            1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
        )  # fmt: skip
    return -value if q < 0.0 else value
