"""From mass to volume: density of water, and the buoyancy of air in which a balance weighs."""

from __future__ import annotations

AIR_G_ML = 0.0012  # at 20 °C and 1013 hPa, the reference value of OIML D 28
_REFERENCE_MASS_G_ML = 8.0  # of the weights that balances are adjusted with (OIML D 28)


def water_g_ml(temperature_c: float) -> float:
    """Return the density of air-free water at 0 to 40 °C and 1013 hPa, in g/mL.

    Source: M. Tanaka et al., Metrologia 38 (2001) 301-309, equation 1.
    """
    a1, a2, a3, a4, a5 = -3.983035, 301.797, 522528.9, 69.34881, 0.999974950
    return a5 * (1 - (temperature_c + a1) ** 2 * (temperature_c + a2) / (a3 * (temperature_c + a4)))


def weighed_g_ml(density_g_ml: float, air_g_ml: float = AIR_G_ML) -> float:
    """Return what a balance in air shows for a millilitre of fluid, in g; without air it is the density.

    Source: ISO 8655-6, where 1 / this is the factor Z.
    """
    return density_g_ml * (1 - air_g_ml / density_g_ml) / (1 - air_g_ml / _REFERENCE_MASS_G_ML)
