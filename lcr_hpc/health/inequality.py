"""What is compared along a ranking: life expectancy and mortality by MSOA, the air by area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from lcr_kernels.standardisation import weighted_rates
from numpy.typing import NDArray

from lcr_hpc.health._arrays import FloatArray, standard_normal_quantile
from lcr_hpc.health.causes import ALL_CAUSE, death_cause, deaths_of
from lcr_hpc.health.expectancy import life_expectancy
from lcr_hpc.health.gradient import Attribute
from lcr_hpc.health.mortality import population_by_band, total_by_group
from lcr_hpc.health.rankings import Ranking
from lcr_hpc.health.risk_table import RelativeRisk
from lcr_hpc.health.standard_people import standard_population

RATE_PER = 100_000.0
OF_EXPOSURE = "exposure"
OF_BURDEN = "relative risk, exposure and baseline"


@dataclass(frozen=True)
class MsoaHealth:
    """Health of each MSOA.

    Attributes
    ----------
    population : float64[msoa]
        Residents of all ages.
    life_expectancy, standard_error : float64[msoa]
        At birth, years; NaN = suppressed or not published.
    basis : str
        Where life expectancy comes from.
    attributable_rate, attributable_rate_error : float64[cause, msoa]
        Deaths attributable to the air per 100,000 person-years of the standard population at the ages of the relative
        risk, and its standard error from the number of deaths; NaN where an age band has nobody.
    rate_a_death : float64[cause, msoa]
        What one attributable death a year adds to that rate.
    """

    population: FloatArray
    life_expectancy: FloatArray
    standard_error: FloatArray
    basis: str
    attributable_rate: FloatArray
    attributable_rate_error: FloatArray
    rate_a_death: FloatArray

    def limits(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Limits of life expectancy in years; NaN without a standard error."""
        reach = standard_normal_quantile(confidence) * self.standard_error
        return self.life_expectancy - reach, self.life_expectancy + reach


def msoa_health(
    areas: xr.Dataset, mortality: xr.Dataset, burden: xr.Dataset, risks: Sequence[RelativeRisk]
) -> MsoaHealth:
    """Bring deaths, residents and attributable deaths together by MSOA.

    Parameters
    ----------
    areas, mortality : xarray.Dataset
        Stores of these names.
    burden : xarray.Dataset
        `baseline_deaths[area, cause]` and `attributable_deaths[area, bound, cause]`, a year.
    risks : sequence of RelativeRisk
        A cause each; the first age of each begins an age band.

    Returns
    -------
    MsoaHealth
        Life expectancy is the published one where the feed has any, since it rests on deaths registered by exact age
        and place; otherwise it is computed from the store's deaths.
    """
    group, n_msoas = areas["area_msoa"].to_numpy(), areas.sizes["msoa"]
    band = mortality["age_band"].to_numpy()
    by_area = population_by_band(areas["population"].to_numpy(), areas["age"].to_numpy(), band)
    years = float(mortality.attrs["observation_years"])
    people = total_by_group(by_area, group, n_msoas)
    deaths = mortality["deaths"].to_numpy().astype(np.float64)

    published = mortality["published_life_expectancy"].to_numpy()
    if np.isfinite(published).any():
        expectancy, error = published, np.full(n_msoas, np.nan)
        basis = "published by MSOA"
    else:
        table = life_expectancy(deaths, people * years, band)
        expectancy, error = table.value[:, 0], table.standard_error[:, 0]
        basis = f"computed from deaths of {years:g} years by MSOA and age band"

    of_baseline = total_by_group(burden["baseline_deaths"].to_numpy(), group, n_msoas).T
    of_air = total_by_group(burden["attributable_deaths"].to_numpy()[:, 0], group, n_msoas).T
    once = np.divide(RATE_PER, of_baseline, out=np.zeros_like(of_baseline), where=of_baseline != 0.0)
    rate = np.empty((2, *of_baseline.shape))
    for k, risk in enumerate(risks):
        adult = band >= risk.minimum_age
        counted = deaths_of(mortality, risk)[:, adult] * years
        rate[:, k] = _standardised(counted, people[:, adult] * years, band[adult].astype(np.float64))
    return MsoaHealth(
        population=people.sum(axis=1),
        life_expectancy=expectancy,
        standard_error=error,
        basis=basis,
        attributable_rate=of_air * once * rate[0],
        attributable_rate_error=of_air * once * rate[1],
        rate_a_death=once * rate[0],
    )


def health_attributes(
    areas: xr.Dataset, carbon: xr.Dataset, msoas: MsoaHealth, risks: Sequence[RelativeRisk], ranking: Ranking
) -> list[Attribute]:
    """Everything whose gradient is reported, in the order of the store.

    Parameters
    ----------
    areas, carbon : xarray.Dataset
        Stores of these names.
    msoas : MsoaHealth
        From `msoa_health`.
    risks : sequence of RelativeRisk
        A cause each.
    ranking : Ranking
        Order of the places.

    Returns
    -------
    list of Attribute
        Life expectancy, the concentration of each pollutant, and mortality attributable to each cause.
    """
    residents, group = people_of(areas)
    level = carbon[exposure_variable(carbon)].to_numpy()
    has_errors = bool(np.isfinite(msoas.standard_error).any())
    living = Attribute(
        "life expectancy at birth",
        "years",
        msoas.life_expectancy,
        msoas.population,
        ranking.msoa,
        msoas.standard_error if has_errors else None,
        drawn_error="each value by its standard error" if has_errors else "",
        ranked_by=ranking.name,
    )
    air = [
        Attribute(
            f"{name} concentration",
            "ug m-3",
            level[:, k],
            residents,
            ranking.area,
            cluster=group,
            drawn_error=OF_EXPOSURE,
            column=k,
            ranked_by=ranking.name,
        )
        for k, name in enumerate(str(p) for p in carbon["air_pollutant"].to_numpy())
    ]
    dying = [
        Attribute(
            name,
            "per 100,000 person-years",
            msoas.attributable_rate[k],
            msoas.population,
            ranking.msoa,
            msoas.attributable_rate_error[k],
            drawn_error=OF_BURDEN,
            column=k,
            ranked_by=ranking.name,
        )
        for k, name in enumerate(_mortality_names(risks))
    ]
    return [living, *air, *dying]


def _mortality_names(risks: Sequence[RelativeRisk]) -> list[str]:
    """Name of each cause's attribute; with the relative risk's where two would be called the same."""
    plain = [
        f"{'' if death_cause(r) == ALL_CAUSE else death_cause(r) + ' '}mortality attributable to {r.pollutant}, "
        "age-standardised"
        for r in risks
    ]
    return [p if plain.count(p) == 1 else f"{p} ({r.name})" for p, r in zip(plain, risks, strict=True)]


def exposure_variable(carbon: xr.Dataset) -> str:
    """Name of what people breathe: the year's mean where the carbon store has one, else the day's."""
    return "annual_concentration_ug_m3" if "annual_concentration_ug_m3" in carbon else "concentration_ug_m3"


def people_of(areas: xr.Dataset) -> tuple[FloatArray, NDArray[np.integer]]:
    """Residents and MSOA of each area."""
    return areas["population"].to_numpy().sum(axis=1).astype(np.float64), areas["area_msoa"].to_numpy()


def _standardised(deaths: FloatArray, person_years: FloatArray, band: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Directly standardised rate a person-year and its standard error; NaN where a band has nobody.

    Not suppressed below ten deaths, as a published rate would be: it is one of many points on a line, weighted by
    population, and its error says how little it knows.
    """
    standard = standard_population(band)
    empty = np.asarray((person_years <= 0.0).any(axis=1))
    weight = np.broadcast_to(standard / standard.sum(), deaths.shape)
    found = weighted_rates(deaths, np.where(empty[:, None], 1.0, person_years), np.ascontiguousarray(weight))
    found[empty] = np.nan
    return found[:, 0], np.sqrt(found[:, 1])
