"""What is compared along deprivation: life expectancy and mortality by MSOA, the air by area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from lcr_kernels.standardisation import weighted_rates
from numpy.typing import NDArray

from lcr_hpc.health._arrays import FloatArray, standard_normal_quantile
from lcr_hpc.health.expectancy import life_expectancy
from lcr_hpc.health.gradient import Attribute
from lcr_hpc.health.mortality import deprivation_of_groups, population_by_band, total_by_group
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
    deprivation : float64[msoa]
        Population-weighted mean of its areas' ranks, 1 = most deprived; NaN = not known.
    life_expectancy, standard_error : float64[msoa]
        At birth, years; NaN = suppressed or not published.
    basis : str
        Where life expectancy comes from.
    attributable_rate, attributable_rate_error : float64[msoa]
        Deaths attributable to the air per 100,000 person-years of the standard population at the ages of the relative
        risk, and its standard error from the number of deaths; NaN where an age band has nobody.
    rate_a_death : float64[msoa]
        What one attributable death a year adds to that rate.
    """

    population: FloatArray
    deprivation: FloatArray
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


def msoa_health(areas: xr.Dataset, mortality: xr.Dataset, burden: xr.Dataset, minimum_age: int) -> MsoaHealth:
    """Bring deaths, residents and attributable deaths together by MSOA.

    Parameters
    ----------
    areas, mortality : xarray.Dataset
        Stores of these names.
    burden : xarray.Dataset
        `baseline_deaths[area]` and `attributable_deaths[area, bound]`, a year.
    minimum_age : int
        First age of the relative risk; begins an age band.

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

    adult = band >= minimum_age
    of_baseline = total_by_group(burden["baseline_deaths"].to_numpy(), group, n_msoas)
    of_air = total_by_group(burden["attributable_deaths"].to_numpy()[:, 0], group, n_msoas)
    fraction = np.divide(of_air, of_baseline, out=np.zeros(n_msoas), where=of_baseline != 0.0)
    rate, rate_error = _standardised(deaths[:, adult], people[:, adult] * years, band[adult].astype(np.float64))
    return MsoaHealth(
        population=people.sum(axis=1),
        deprivation=deprivation_of_groups(areas["deprivation_rank"].to_numpy(), by_area.sum(axis=1), group, n_msoas),
        life_expectancy=expectancy,
        standard_error=error,
        basis=basis,
        attributable_rate=RATE_PER * fraction * rate,
        attributable_rate_error=RATE_PER * fraction * rate_error,
        rate_a_death=np.divide(RATE_PER * rate, of_baseline, out=np.zeros(n_msoas), where=of_baseline != 0.0),
    )


def health_attributes(areas: xr.Dataset, carbon: xr.Dataset, msoas: MsoaHealth, pollutant: str) -> list[Attribute]:
    """Everything whose gradient is reported, in the order of the store.

    Parameters
    ----------
    areas, carbon : xarray.Dataset
        Stores of these names.
    msoas : MsoaHealth
        From `msoa_health`.
    pollutant : str
        Pollutant of the burden.

    Returns
    -------
    list of Attribute
        Life expectancy, the concentration of each pollutant, and mortality attributable to `pollutant`.
    """
    residents, deprivation, group = people_of(areas)
    level = carbon[exposure_variable(carbon)].to_numpy()
    has_errors = bool(np.isfinite(msoas.standard_error).any())
    living = Attribute(
        "life expectancy at birth",
        "years",
        msoas.life_expectancy,
        msoas.population,
        msoas.deprivation,
        msoas.standard_error if has_errors else None,
        drawn_error="each value by its standard error" if has_errors else "",
    )
    air = [
        Attribute(
            f"{name} concentration",
            "ug m-3",
            level[:, k],
            residents,
            deprivation,
            cluster=group,
            drawn_error=OF_EXPOSURE,
        )
        for k, name in enumerate(str(p) for p in carbon["air_pollutant"].to_numpy())
    ]
    dying = Attribute(
        f"mortality attributable to {pollutant}, age-standardised",
        "per 100,000 person-years",
        msoas.attributable_rate,
        msoas.population,
        msoas.deprivation,
        msoas.attributable_rate_error,
        drawn_error=OF_BURDEN,
    )
    return [living, *air, dying]


def exposure_variable(carbon: xr.Dataset) -> str:
    """Name of what people breathe: the year's mean where the carbon store has one, else the day's."""
    return "annual_concentration_ug_m3" if "annual_concentration_ug_m3" in carbon else "concentration_ug_m3"


def people_of(areas: xr.Dataset) -> tuple[FloatArray, FloatArray, NDArray[np.integer]]:
    """Residents, rank of deprivation (NaN = none) and MSOA of each area."""
    residents = areas["population"].to_numpy().sum(axis=1).astype(np.float64)
    rank = areas["deprivation_rank"].to_numpy()
    return residents, np.where(rank >= 1, rank, np.nan).astype(np.float64), areas["area_msoa"].to_numpy()


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
