"""Health and its inequality: what the air costs, whom, and how steep the gradient is."""

from lcr_hpc.health.burden import (
    AttributableBurden,
    attributable_burden,
    attributable_fraction,
    population_attributable_fraction,
)
from lcr_hpc.health.composite import composite_index
from lcr_hpc.health.life_expectancy import LifeExpectancy, life_expectancy
from lcr_hpc.health.lifetable_burden import LifetableBurden, lifetable_burden
from lcr_hpc.health.relative_risk import RelativeRisk, relative_risk, relative_risks
from lcr_hpc.health.slope import SlopeIndex, slope_index
from lcr_hpc.health.standardisation import (
    StandardisedRate,
    StandardisedRatio,
    directly_standardised_rate,
    indirectly_standardised_ratio,
)

__all__ = [
    "AttributableBurden",
    "LifeExpectancy",
    "LifetableBurden",
    "RelativeRisk",
    "SlopeIndex",
    "StandardisedRate",
    "StandardisedRatio",
    "attributable_burden",
    "attributable_fraction",
    "composite_index",
    "directly_standardised_rate",
    "indirectly_standardised_ratio",
    "life_expectancy",
    "lifetable_burden",
    "population_attributable_fraction",
    "relative_risk",
    "relative_risks",
    "slope_index",
]
