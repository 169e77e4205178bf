"""Pure functions of heat pumps between a source and a sink whose temperatures glide."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

KELVIN = 273.15
"""0 °C in kelvin."""


def cop(
    source_c: npt.NDArray[np.float64],
    source_drop_k: float,
    sink_in_c: float,
    sink_out_c: float,
    lorenz_share: float,
    cop_max: float,
) -> npt.NDArray[np.float64]:
    """Coefficient of performance by the Lorenz cycle: `lorenz_share` · T_s / (T_s − T_q), at most `cop_max`.

    T_s and T_q are the logarithmic mean temperatures, in kelvin, of the sink (warmed from `sink_in_c` to `sink_out_c`)
    and of the source (cooled from `source_c` by `source_drop_k`). Where the source is not colder than the sink no work
    is needed in theory, and the COP is `cop_max`. `source_c`: °C, any shape; the result has that shape.
    Source: Lorenz (1895), as used for glides by e.g. the Danish Energy Agency's catalogue.
    """
    sink = _logarithmic_mean(np.asarray(sink_out_c + KELVIN), np.asarray(sink_in_c + KELVIN))
    source = _logarithmic_mean(source_c + KELVIN, source_c - source_drop_k + KELVIN)
    lift = np.maximum(sink - source, 1e-9)
    return np.minimum(cop_max, lorenz_share * sink / lift)


def _logarithmic_mean(warm: npt.NDArray[np.float64], cold: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T_1 − T_2) / ln(T_1 / T_2), and T_1 where both are the same."""
    same = np.isclose(warm, cold)
    ratio = np.where(same, 2.0, warm / np.where(cold == 0.0, 1.0, cold))
    mean: npt.NDArray[np.float64] = np.where(same, warm, (warm - cold) / np.log(ratio))
    return mean
