"""Health and its inequality: what the air costs, whom, and how steep the gradient is."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lcr_hpc.health._items import InequalityIndex
    from lcr_hpc.health.access import NearestService, floating_catchment, nearest_service
    from lcr_hpc.health.atkinson_index import atkinson
    from lcr_hpc.health.bayes_rates import empirical_bayes, standardised_rates
    from lcr_hpc.health.burden import (
        AttributableBurden,
        attributable_burden,
        attributable_fraction,
        population_attributable_fraction,
    )
    from lcr_hpc.health.burden_draws import SimulatedBurden, simulate_burden
    from lcr_hpc.health.composite import composite_index
    from lcr_hpc.health.concentration import ConcentrationIndex, concentration_index
    from lcr_hpc.health.entropy_index import generalised_entropy, theil
    from lcr_hpc.health.expectancy import LifeExpectancy, life_expectancy
    from lcr_hpc.health.funnel import Funnel, proportion_funnel, ratio_funnel
    from lcr_hpc.health.geary_contrast import LocalGeary, local_geary
    from lcr_hpc.health.gini_index import extended_concentration, gini
    from lcr_hpc.health.global_pattern import GlobalPattern, geary, moran
    from lcr_hpc.health.gradient_draws import DrawnInequality, inequality_draws
    from lcr_hpc.health.hot_spots import GetisOrd, getis_ord
    from lcr_hpc.health.lifetable import LifetableBurden, lifetable_burden
    from lcr_hpc.health.moran_clusters import LocalMoran, bivariate_moran, local_moran
    from lcr_hpc.health.population import synthetic_population
    from lcr_hpc.health.rank_quantiles import Quantiles, quantiles
    from lcr_hpc.health.risk_table import RelativeRisk, relative_risk, relative_risks
    from lcr_hpc.health.slope import SlopeIndex, slope_index
    from lcr_hpc.health.slope_scatter import slope_index_from_scatter
    from lcr_hpc.health.spatial_rates import SpatialRates, bym2
    from lcr_hpc.health.standard_people import standard_population
    from lcr_hpc.health.standardisation import (
        StandardisedRate,
        StandardisedRatio,
        directly_standardised_rate,
        indirectly_standardised_ratio,
    )

__all__ = [
    "AttributableBurden",
    "ConcentrationIndex",
    "DrawnInequality",
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
    "SimulatedBurden",
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
    "inequality_draws",
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
    "simulate_burden",
    "slope_index",
    "slope_index_from_scatter",
    "standard_population",
    "standardised_rates",
    "synthetic_population",
    "theil",
]

# Where each name lives. Numba alone takes 0.8 s to import and pandas and SciPy as long again: who asks for a local
# Moran in a new process should not wait for a life table. No module has the name of what it holds, since importing it
# would put the module in that name's place.
_HOME = {
    "AttributableBurden": "burden",
    "ConcentrationIndex": "concentration",
    "DrawnInequality": "gradient_draws",
    "Funnel": "funnel",
    "GetisOrd": "hot_spots",
    "GlobalPattern": "global_pattern",
    "InequalityIndex": "_items",
    "LifeExpectancy": "expectancy",
    "LifetableBurden": "lifetable",
    "LocalGeary": "geary_contrast",
    "LocalMoran": "moran_clusters",
    "NearestService": "access",
    "Quantiles": "rank_quantiles",
    "RelativeRisk": "risk_table",
    "SimulatedBurden": "burden_draws",
    "SlopeIndex": "slope",
    "SpatialRates": "spatial_rates",
    "StandardisedRate": "standardisation",
    "StandardisedRatio": "standardisation",
    "atkinson": "atkinson_index",
    "attributable_burden": "burden",
    "attributable_fraction": "burden",
    "bivariate_moran": "moran_clusters",
    "bym2": "spatial_rates",
    "composite_index": "composite",
    "concentration_index": "concentration",
    "directly_standardised_rate": "standardisation",
    "empirical_bayes": "bayes_rates",
    "extended_concentration": "gini_index",
    "floating_catchment": "access",
    "geary": "global_pattern",
    "generalised_entropy": "entropy_index",
    "getis_ord": "hot_spots",
    "gini": "gini_index",
    "indirectly_standardised_ratio": "standardisation",
    "inequality_draws": "gradient_draws",
    "life_expectancy": "expectancy",
    "lifetable_burden": "lifetable",
    "local_geary": "geary_contrast",
    "local_moran": "moran_clusters",
    "moran": "global_pattern",
    "nearest_service": "access",
    "population_attributable_fraction": "burden",
    "proportion_funnel": "funnel",
    "quantiles": "rank_quantiles",
    "ratio_funnel": "funnel",
    "relative_risk": "risk_table",
    "relative_risks": "risk_table",
    "simulate_burden": "burden_draws",
    "slope_index": "slope",
    "slope_index_from_scatter": "slope_scatter",
    "standard_population": "standard_people",
    "standardised_rates": "bayes_rates",
    "synthetic_population": "population",
    "theil": "entropy_index",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, and no more."""
    if name not in _HOME:
        raise AttributeError(f"module 'lcr_hpc.health' has no attribute {name!r}")
    found = getattr(import_module(f"lcr_hpc.health.{_HOME[name]}"), name)
    globals()[name] = found
    return found
