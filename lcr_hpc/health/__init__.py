"""Health and its inequality: what the air costs, whom, and how steep the gradient is."""

from lcr_hpc.health._items import InequalityIndex
from lcr_hpc.health.access import NearestService, floating_catchment, nearest_service
from lcr_hpc.health.atkinson_index import atkinson
from lcr_hpc.health.burden import (
    AttributableBurden,
    attributable_burden,
    attributable_fraction,
    population_attributable_fraction,
)
from lcr_hpc.health.bym2 import SpatialRates, bym2
from lcr_hpc.health.composite import composite_index
from lcr_hpc.health.concentration import ConcentrationIndex, concentration_index
from lcr_hpc.health.empirical_bayes import empirical_bayes, standardised_rates
from lcr_hpc.health.entropy_index import generalised_entropy, theil
from lcr_hpc.health.funnel import Funnel, proportion_funnel, ratio_funnel
from lcr_hpc.health.getis_ord import GetisOrd, getis_ord
from lcr_hpc.health.gini_index import extended_concentration, gini
from lcr_hpc.health.global_pattern import GlobalPattern, geary, moran
from lcr_hpc.health.life_expectancy import LifeExpectancy, life_expectancy
from lcr_hpc.health.lifetable_burden import LifetableBurden, lifetable_burden
from lcr_hpc.health.local_geary import LocalGeary, local_geary
from lcr_hpc.health.local_moran import LocalMoran, bivariate_moran, local_moran
from lcr_hpc.health.population import synthetic_population
from lcr_hpc.health.quantiles import Quantiles, quantiles
from lcr_hpc.health.relative_risk import RelativeRisk, relative_risk, relative_risks
from lcr_hpc.health.slope import SlopeIndex, slope_index
from lcr_hpc.health.slope_scatter import slope_index_from_scatter
from lcr_hpc.health.standard_population import standard_population
from lcr_hpc.health.standardisation import (
    StandardisedRate,
    StandardisedRatio,
    directly_standardised_rate,
    indirectly_standardised_ratio,
)

__all__ = [
    "AttributableBurden",
    "ConcentrationIndex",
    "Funnel",
    "GetisOrd",
    "GlobalPattern",
    "InequalityIndex",
    "LifeExpectancy",
    "LifetableBurden",
    "LocalGeary",
    "LocalMoran",
    "NearestService",
    "Quantiles",
    "RelativeRisk",
    "SlopeIndex",
    "SpatialRates",
    "StandardisedRate",
    "StandardisedRatio",
    "atkinson",
    "attributable_burden",
    "attributable_fraction",
    "bivariate_moran",
    "bym2",
    "composite_index",
    "concentration_index",
    "directly_standardised_rate",
    "empirical_bayes",
    "extended_concentration",
    "floating_catchment",
    "geary",
    "generalised_entropy",
    "getis_ord",
    "gini",
    "indirectly_standardised_ratio",
    "life_expectancy",
    "lifetable_burden",
    "local_geary",
    "local_moran",
    "moran",
    "nearest_service",
    "population_attributable_fraction",
    "proportion_funnel",
    "quantiles",
    "ratio_funnel",
    "relative_risk",
    "relative_risks",
    "slope_index",
    "slope_index_from_scatter",
    "standard_population",
    "standardised_rates",
    "synthetic_population",
    "theil",
]
