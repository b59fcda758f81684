"""Tables of places and people: areas, MSOAs, access and the gradients along deprivation."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.publish.inputs import Inputs, position
from lcr_hpc.publish.tables_burden import BOUNDS, LOWER, UPPER

CRS = "EPSG:27700"
POLLUTANTS = {"NOx": "nox", "NO2": "no2", "PM2.5": "pm2_5"}

AREAS_USE = {
    "areas": ("area", "area_name", "area_msoa", "area_district", "msoa", "district", "district_name", "population",
              "deprivation_rank", "boundary_x", "boundary_y", "boundary_ring_offset", "boundary_polygon_offset",
              "boundary_area_offset"),
    "carbon": ("air_pollutant", "background_ug_m3", "road_increment_ug_m3", "concentration_ug_m3"),
    "health": ("bound", "cause", "baseline_deaths", "attributable_deaths", "burden_quantile", "years_lost"),
}  # fmt: skip
MSOAS_USE = {
    "areas": ("msoa", "msoa_name", "area_msoa", "population"),
    "health": ("life_expectancy", "life_expectancy_lower", "life_expectancy_upper", "msoa_deprivation_rank"),
}
INEQUALITY_USE = {
    "health": ("attribute", "attribute_units", "ranked_by", "sii", "sii_lower", "sii_upper", "rii", "rii_lower",
               "rii_upper", "decile_mean", "decile", "concentration_index", "concentration_index_lower",
               "concentration_index_upper", "drawn_error", "measure", "inequality_quantile", "decile_mean_lower",
               "decile_mean_upper"),
}  # fmt: skip
CENSUSES_USE = {
    "areas": ("area", "area_name", "area_district", "district", "population", "deprivation_rank"),
    "reference": ("change", "change_area11", "change_area21", "change_rank21"),
}
ACCESS_USE = {"areas": ("area",), "health": ("period", "service", "access", "nearest_service_min")}


def areas(inputs: Inputs) -> pd.DataFrame:
    """Deprivation, air and burden of each small area with its boundary, in the store's order."""
    places, carbon, health = inputs["areas"], inputs["carbon"], inputs["health"]
    residents = places["population"].to_numpy().sum(axis=1).astype(np.int64)
    district = places["area_district"].to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "area": places["area"].to_numpy(),
            "area_name": places["area_name"].to_numpy(),
            "msoa": places["msoa"].to_numpy()[places["area_msoa"].to_numpy()],
            "district": places["district"].to_numpy()[district],
            "district_name": places["district_name"].to_numpy()[district],
            "population_persons": residents,
        },
        geometry=_boundaries(places),
        crs=CRS,
    )
    frame["deprivation_rank"], frame["deprivation_decile"] = _deprivation(places, inputs.attribute("areas", "n_ranked"))
    for pollutant, name in POLLUTANTS.items():
        k = position(carbon, "air_pollutant", pollutant)
        frame[f"{name}_background_ug_m3"] = carbon["background_ug_m3"].to_numpy()[:, k]
        frame[f"{name}_road_ug_m3"] = carbon["road_increment_ug_m3"].to_numpy()[:, k]
        frame[f"{name}_ug_m3"] = carbon["concentration_ug_m3"].to_numpy()[:, k]
    deaths = health["attributable_deaths"].to_numpy()[:, :, 0]
    frame["baseline_deaths_per_year"] = health["baseline_deaths"].to_numpy()[:, 0]
    for bound, ending in BOUNDS.items():
        frame[f"attributable_deaths_per_year{ending}"] = deaths[:, position(health, "bound", bound)]
    drawn = health["burden_quantile"].to_numpy()[:, :, 0]
    frame["attributable_deaths_per_year_draws_lower"] = drawn[LOWER]
    frame["attributable_deaths_per_year_draws_upper"] = drawn[UPPER]
    frame["years_lost_per_year"] = health["years_lost"].to_numpy()[:, position(health, "bound", "central"), 0]
    central = deaths[:, position(health, "bound", "central")]
    frame["attributable_deaths_per_100000"] = np.divide(
        100_000.0 * central, residents, out=np.full(residents.size, np.nan), where=residents > 0
    )
    return frame


def msoas(inputs: Inputs) -> pd.DataFrame:
    """Life expectancy and deprivation of each MSOA."""
    places, health = inputs["areas"], inputs["health"]
    residents = places["population"].to_numpy().sum(axis=1)
    return pd.DataFrame(
        {
            "msoa": places["msoa"].to_numpy(),
            "msoa_name": places["msoa_name"].to_numpy(),
            "population_persons": np.bincount(
                places["area_msoa"].to_numpy(), residents, places.sizes["msoa"]
            ).astype(np.int64),
            "life_expectancy_years": health["life_expectancy"].to_numpy(),
            "life_expectancy_years_lower": health["life_expectancy_lower"].to_numpy(),
            "life_expectancy_years_upper": health["life_expectancy_upper"].to_numpy(),
            "deprivation_rank_mean": health["msoa_deprivation_rank"].to_numpy(),
        }
    )  # fmt: skip


def censuses(inputs: Inputs) -> pd.DataFrame:
    """Each pair of an area of 2011 and one of 2021, with what is known of either."""
    places, reference = inputs["areas"], inputs["reference"]
    both = {c: reference[f"change_area{c}"].to_numpy().astype(object) for c in ("11", "21")}
    mine = both["21" if inputs.attribute("areas", "vintage") == "LSOA 2021" else "11"]
    at = pd.Index(places["area"].to_numpy().astype(object)).get_indexer(mine)
    rank, latest = places["deprivation_rank"].to_numpy()[at], reference["change_rank21"].to_numpy()
    return pd.DataFrame(
        {
            "area_2011": both["11"],
            "area_2021": both["21"],
            "change": reference["change"].to_numpy(),
            "area_name": places["area_name"].to_numpy()[at],
            "district": places["district"].to_numpy()[places["area_district"].to_numpy()[at]],
            "population_persons": places["population"].to_numpy().sum(axis=1)[at].astype(np.int64),
            "deprivation_rank": pd.Series(rank, dtype="Int64").mask(rank < 1),
            "deprivation_rank_2021_area": pd.Series(latest, dtype="Int64").mask(latest < 1),
        }
    )


def inequality(inputs: Inputs) -> pd.DataFrame:
    """Slope and relative index of each attribute with limits and decile means."""
    health = inputs["health"]
    names = ("sii", "sii_lower", "sii_upper", "rii", "rii_lower", "rii_upper")
    frame = pd.DataFrame(
        {
            "attribute": health["attribute"].to_numpy(),
            "ranked_by": health["ranked_by"].to_numpy(),
            "units": health["attribute_units"].to_numpy(),
        }
        | {name: health[name].to_numpy() for name in names}
    )
    for d, decile in enumerate(health["decile"].to_numpy()):
        frame[f"decile_{decile}_mean"] = health["decile_mean"].to_numpy()[:, d]
    for name in ("concentration_index", "concentration_index_lower", "concentration_index_upper", "drawn_error"):
        frame[name] = health[name].to_numpy()
    drawn = health["inequality_quantile"].to_numpy()[:, position(health, "measure", "sii")]
    frame["sii_draws_lower"], frame["sii_draws_upper"] = drawn[LOWER], drawn[UPPER]
    for d, decile in enumerate(health["decile"].to_numpy()):
        for limit in ("lower", "upper"):
            frame[f"decile_{decile}_{limit}"] = health[f"decile_mean_{limit}"].to_numpy()[:, d]
    return frame


def access(inputs: Inputs) -> pd.DataFrame:
    """What each area reaches by car, by part of the day and kind of service."""
    places, health = inputs["areas"], inputs["health"]
    shape = health["access"].shape
    period, area, service = (
        names[np.broadcast_to(index, shape)].ravel()
        for names, index in zip(
            (health["period"].to_numpy(), places["area"].to_numpy(), health["service"].to_numpy()),
            np.ogrid[: shape[0], : shape[1], : shape[2]],
            strict=True,
        )
    )  # fmt: skip
    return pd.DataFrame(
        {
            "area": area,
            "period": period,
            "service": service,
            "access": health["access"].to_numpy().ravel(),
            "nearest_service_min": health["nearest_service_min"].to_numpy().ravel(),
        }
    )


def _boundaries(places: xr.Dataset) -> NDArray[np.object_]:
    corners = np.stack([places["boundary_x"].to_numpy(), places["boundary_y"].to_numpy()], axis=1)
    offsets = tuple(places[f"boundary_{part}_offset"].to_numpy() for part in ("ring", "polygon", "area"))
    found: NDArray[np.object_] = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, corners, offsets)
    return found


def _deprivation(places: xr.Dataset, n_ranked: object) -> tuple[pd.Series, pd.Series]:
    """National rank and decile; empty where there is no rank, or no count of the ranked."""
    rank = places["deprivation_rank"].to_numpy()
    ranks = pd.Series(rank, dtype="Int64").mask(rank < 1)
    if not isinstance(n_ranked, int):
        return ranks, pd.Series(pd.NA, index=ranks.index, dtype="Int64")
    return ranks, pd.Series((10 * rank.astype(np.int64) + n_ranked - 1) // n_ranked, dtype="Int64").mask(rank < 1)
