"""Everything that the template shows, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from lcr_hpc.publish.gate import Clearance
from lcr_hpc.publish.products import TABLES
from lcr_hpc.publish.report import palette
from lcr_hpc.publish.report.caveats import caveats, is_annual, quality
from lcr_hpc.publish.report.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, gradient_charts
from lcr_hpc.publish.report.comparison import comparison_sections
from lcr_hpc.publish.report.feeds import feed_section
from lcr_hpc.publish.report.health_tables import access_rows, burden_rows, ranking_rows
from lcr_hpc.publish.report.maps import MOST_LINES, air_map, emission_map, health_map, traffic_map
from lcr_hpc.publish.report.marks import Map, backdrop
from lcr_hpc.publish.report.pathway import pathway_section
from lcr_hpc.publish.report.provenance import provenance
from lcr_hpc.publish.report.scenario import scenario_section
from lcr_hpc.publish.report.words import count, day, decimals, figure, interval, large, listing, made_of, mass, percent
from lcr_hpc.store.layout import Layout

NATURES = {
    "real": ("Real", "observed or published by somebody, used as they came"),
    "modelled": ("Modelled", "computed or assumed by somebody before this night"),
    "synthetic": ("Synthetic", "made up by stated rules; no observation of anything"),
}


def report_context(
    layout: Layout, tables: Mapping[str, pd.DataFrame], summary: Mapping[str, Any], cleared: Clearance
) -> dict[str, Any]:
    """Values for report.html.j2; see `lcr_hpc.publish.report.write_report` for the parameters."""
    areas, links, grid = (_places(tables, n) for n in ("areas", "links", "emissions_grid"))
    back = backdrop(areas)
    confidence = cleared.manifests["health"].results.get("confidence")
    maps = {
        "traffic": traffic_map(links, back),
        "emissions": emission_map(grid, back),
        "air": air_map(areas, back),
        "health": health_map(areas, tables["msoas"], back, pollutant_of(summary)),
    }
    folder = Path(__file__).parent
    return {
        "night": layout.night.isoformat(),
        "day": day(layout.night),
        "scenario": layout.scenario,
        "tier": cleared.tier,
        "places": _places_sentence(tables, summary),
        "natures": _natures(cleared),
        "tiles": _tiles(summary, confidence, annual=is_annual(cleared)),
        "back": back,
        "maps": maps,
        "map_words": _map_words(maps, summary, tables, links),
        "badges": {name: _badge(name, cleared) for name in tables},
        "charts": gradient_charts(tables["inequality"], confidence),
        "frame": {"w": WIDTH, "h": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        "burden": burden_rows(tables["burden"], confidence),
        "rankings": ranking_rows(tables["inequality"]),
        "access": access_rows(tables["access"]),
        "pathway": pathway_section(tables, cleared.manifests["carbon"].results.get("pathway")),
        "periods": _periods(tables["traffic_periods"]),
        "districts": _districts(tables["districts"]),
        "comparison": comparison_sections(tables["comparison"]) if "comparison" in tables else [],
        "changed": scenario_section(tables),
        "feeds": feed_section(tables["feed_audit"]) if "feed_audit" in tables else None,
        "quality": quality(tables, summary, cleared),
        "caveats": caveats(tables, cleared),
        "provenance": provenance(cleared),
        "files": [(file, t.title) for t in TABLES if t.name in tables for file in t.files],
        "no_value": palette.NO_VALUE,
        "css": (folder / "report.css").read_text(encoding="utf-8"),
        "js": (folder / "report.js").read_text(encoding="utf-8"),
    }


def _places(tables: Mapping[str, pd.DataFrame], name: str) -> gpd.GeoDataFrame:
    frame = tables[name]
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame


def _places_sentence(tables: Mapping[str, pd.DataFrame], summary: Mapping[str, Any]) -> str:
    names = [str(n) for n in tables["districts"]["district_name"][:-1]]
    return (
        f"{count(summary['areas'], 'small area')} with {summary['residents_persons']:,} residents in "
        f"{listing(names)}; {count(summary['links'], 'road link')}."
    )


def _natures(cleared: Clearance) -> list[dict[str, Any]]:
    found = []
    for nature, (word, meaning) in NATURES.items():
        titles = [s.title for s in cleared.sources.values() if s.nature == nature]
        if titles:
            found.append({"nature": nature, "word": word, "meaning": meaning, "titles": sorted(set(titles))})
    return found


def _badge(table: str, cleared: Clearance) -> str:
    return made_of([cleared.sources[d].nature for d in cleared.datasets[table]])


def _tiles(summary: Mapping[str, Any], confidence: float | None, *, annual: bool) -> list[dict[str, str]]:
    traffic, air, deaths = summary["traffic"], summary["air_ug_m3"], summary["attributable_deaths_per_year"]
    tonnes = summary["emissions_t_day"]
    pm, nox = air["pm2_5"], air["nox"]
    tiles = [
        _tile("Road traffic", large(traffic["vehicle_km_day"]), "vehicle-km in the day",
              f"{large(traffic['trips_veh_day'])} trips between areas"),
        _tile("CO₂ from road traffic", figure(tonnes["co2"]), "tonnes in the day",
              f"with {mass(tonnes['nox'])} NOₓ and {mass(tonnes['pm2_5'])} PM2.5"),
        _tile("PM2.5 where people live", figure(pm["mean"]), "µg/m³, mean over residents",
              f"{figure(pm['road'])} from modelled roads; NOₓ {figure(nox['mean'])}, {figure(nox['road'])} from roads"),
        _tile(f"Deaths attributable to {pollutant_of(summary)}",
              figure(_drawn(summary, confidence) or deaths["central"]),
              "a year, at the year’s mean" if annual else "a year, were every day like this",
              _sure(summary, confidence)
              or f"{interval(deaths['lower'], deaths['upper'])} by the range of the relative risk"),
    ]  # fmt: skip
    for name, row in summary["inequality"].items():
        if "life expectancy" in name.lower() and row["sii"] is not None:
            digits = decimals(row["sii"], row["sii_lower"], row["sii_upper"])
            limits = interval(row["sii_lower"], row["sii_upper"], digits)
            sure = f"{figure(100 * confidence, 0)} % interval {limits}" if limits and confidence else limits
            units = f"{row['units']}, most to least deprived"
            tiles.append(_tile("Gap in life expectancy", figure(row["sii"], digits), units, sure or "no interval"))
            break
    return tiles


def pollutant_of(summary: Mapping[str, Any]) -> str:
    """Pollutant of the first cause, which tiles and maps show."""
    (first, *_) = summary["burden"]
    return str(first).removeprefix("attributable deaths, ").partition(":")[0]


def _drawn(summary: Mapping[str, Any], confidence: float | None) -> float | None:
    """Median of the draws whose interval `_sure` gives, so that the tile and the table of the burden say one number."""
    deaths = next((b for name, b in summary["burden"].items() if name.startswith("attributable deaths")), None)
    return deaths["median"] if deaths and _sure(summary, confidence) else None


def _sure(summary: Mapping[str, Any], confidence: float | None) -> str:
    """Joint interval of the deaths, and the years that they take."""
    deaths, years = (
        next((b for name, b in summary["burden"].items() if name.startswith(quantity)), None)
        for quantity in ("attributable deaths", "years of life lost")
    )
    limits = interval(deaths["lower"], deaths["upper"], 0) if deaths else ""
    if not limits or not confidence:
        return ""
    lost = f"; {figure(years['median'], 0)} years of life" if years and years["median"] is not None else ""
    return f"{figure(100 * confidence, 0)} % interval {limits}{lost}"


def _tile(name: str, value: str, units: str, note: str) -> dict[str, str]:
    figure_, _, word = value.partition(" ")
    return {"name": name, "value": figure_, "word": word, "units": units, "note": note}


def _map_words(
    maps: Mapping[str, Map],
    summary: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    links: gpd.GeoDataFrame,
) -> dict[str, dict[str, str]]:
    traffic, tonnes, air = summary["traffic"], summary["emissions_t_day"], summary["air_ug_m3"]
    areas, msoas = tables["areas"], tables["msoas"]
    years = msoas["life_expectancy_years"]
    drawn = len(maps["traffic"].data["name"])
    spread = areas["pm2_5_ug_m3"]
    return {
        "traffic": {
            "title": "Traffic",
            "lede": f"Busiest in period {traffic['busiest_period']}, with {large(traffic['busiest_vehicle_km_h'])} "
            f"vehicle-km an hour. {percent(traffic['vehicle_km_share_below_half_free_flow'])} of the day’s "
            "vehicle-km are on roads that fall below half of their free-flow speed at some hour.",
            "note": f"Lines: {count(drawn, 'road section')}, both directions together, the slower one’s speed; wider = "
            "more vehicles a day. Straight between junctions; links to area centres are not drawn."
            + _left_out(drawn, links),
            "table": "links",
        },
        "emissions": {
            "title": "Carbon",
            "lede": f"Road traffic emits {figure(tonnes['co2'])} t of CO₂ in the day, with {mass(tonnes['nox'])} of "
            f"NOₓ (as NO₂) and {mass(tonnes['pm2_5'])} of PM2.5 from exhaust, tyres, brakes and road surface.",
            "note": "Each class holds about the same number of cells. Cells without modelled roads are empty.",
            "table": "emissions_grid",
        },
        "air": {
            "title": "Air",
            "lede": f"PM2.5 at the areas’ population points is {figure(spread.min(), 2)} to {figure(spread.max(), 2)} "
            f"µg/m³; {figure(air['pm2_5']['background'], 2)} of it is the background that all areas share.",
            "note": "Mean of the day: background plus modelled roads. Each class holds about the same number of areas, "
            "so colours show order, and the legend how far apart they are.",
            "table": "areas",
        },
        "health": {
            "title": "Health",
            "lede": f"Life expectancy at birth is {figure(years.min(), 1)} to {figure(years.max(), 1)} years across "
            f"{count(int(years.notna().sum()), 'middle-layer area')} (MSOA)."
            if years.notna().any()
            else "Life expectancy is suppressed everywhere: too few deaths or residents.",
            "note": "Darker = shorter lives, more deaths, more deprived. Deaths per resident are not age-standardised: "
            "an older area has more of them for its age alone.",
            "table": "areas",
        },
    }  # fmt: skip


def _left_out(drawn: int, links: gpd.GeoDataFrame) -> str:
    roads = int((links["road_class"] != "connector").sum())
    return f" The busiest of {roads:,} links." if drawn == MOST_LINES else ""


def _periods(table: pd.DataFrame) -> list[dict[str, Any]]:
    most = float(table["vehicle_km_h"].max()) or 1.0
    return [
        {
            "period": row["period"],
            "other": row["hours_h"] == 0.0,
            "bar": round(100.0 * float(row["vehicle_km_h"]) / most, 1),
            "vehicle_km_h": figure(row["vehicle_km_h"], 0),
            "demand": figure(row["demand_veh_h"], 0),
            "lost": figure(row["unreachable_veh_h"], 0),
            "gap": f"{row['relative_gap']:.1e}" if row["relative_gap"] else "0",
            "iterations": f"{int(row['iterations']):,}",
            "detectors": f"{int(row['detectors_compared']):,}",
            "geh": percent(row["geh_below_5_share"]),
        }
        for _, row in table.iterrows()
    ]


def _districts(table: pd.DataFrame) -> list[list[str]]:
    shown = pd.DataFrame(
        {
            "residents": table["population_persons"],
            "thousand_vehicle_km": table["vehicle_km_day"] / 1000.0,
            "co2_t": table["co2_t_day"],
            "nox_kg": 1000.0 * table["nox_t_day"],
            "pm2_5_kg": 1000.0 * table["pm2_5_t_day"],
        }
    )
    names = [*table["district_name"].astype(str), "All"]
    digits = [0, *(decimals(*shown[c]) for c in shown.columns[1:])]
    rows = [*shown.to_numpy().tolist(), shown.sum().tolist()]
    return [[n, *(figure(v, d) for v, d in zip(row, digits, strict=True))] for n, row in zip(names, rows, strict=True)]
