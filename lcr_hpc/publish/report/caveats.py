"""What the numbers do not say, and how far the computation may be trusted, in words from the night's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lcr_hpc.publish.gate import Clearance
from lcr_hpc.publish.report.words import count, figure, listing, percent

ROAD_WORDS = {"motorway": "motorways", "a_road": "A roads", "minor_road": "minor roads"}
VEHICLE_WORDS = {"car": "cars", "lgv": "vans", "hgv": "lorries", "bus": "buses"}


def caveats(tables: Mapping[str, pd.DataFrame], cleared: Clearance) -> list[tuple[str, str]]:
    """Limits of meaning: a head and a sentence or two each."""
    found = []
    made_up = [s.title for s in cleared.sources.values() if s.nature == "synthetic"]
    if made_up:
        found.append(
            ("Synthetic inputs", f"{count(len(made_up), 'dataset is', 'datasets are')} made up by stated rules. What "
             "rests on them shows what the models do, and says nothing about any real street, area or person.")
        )  # fmt: skip
    found += [
        _exposure(cleared),
        ("The vehicle mix is an assumption", _mix(cleared)),
        ("A background from a few sites", _background(tables)),
        ("Road traffic alone", "Emissions and the local part of the concentrations are of road traffic. Homes, "
         "industry, ships and aircraft are in the background at most."),
        ("Where people live, not where they go", "Concentrations are at one population point an area. Nobody spends "
         "the whole day there."),
        ("Equilibrium", "Each period is at rest: drivers know all travel times, and queues do not pass to the "
         "next period."),
        ("What the draws leave out", "Intervals of the burden carry the error of the relative risk, an assumed error "
         "of each area’s concentration, and chance in the deaths. They leave out whether the relative risk is causal, "
         "and holds here."),
        ("Access is by car", "Times are those of the traffic model between population points. Who has no car, waits, "
         "or may not be treated there, has less."),
        ("Gradients are not causes", "A slope index says how something goes with deprivation. Life expectancy rests on "
         "larger areas (MSOA) and on years before this night; the air does not explain it."),
    ]  # fmt: skip
    return found


def quality(tables: Mapping[str, pd.DataFrame], summary: Mapping[str, Any], cleared: Clearance) -> list[str]:
    """How well the models did their sums, in sentences."""
    periods, traffic = tables["traffic_periods"], summary["traffic"]
    asked = cleared.manifests["traffic"].settings.get("traffic", {}).get("relative_gap")
    worst = traffic["worst_relative_gap"]
    found = [
        f"The assignment’s relative gap is {worst:.1e} at worst" if worst is not None else "No relative gap is known"
    ]
    if asked is not None and worst is not None:
        missed = periods.loc[periods["relative_gap"] > asked, "period"]
        found[0] += (
            f"; {asked:.0e} was asked for, and {listing(str(p) for p in missed)} did not reach it."
            if len(missed)
            else f"; {asked:.0e} was asked for, and every period reached it."
        )
    lost = traffic["unreachable_share"]
    found.append(
        "Every trip between areas has a path."
        if not lost
        else f"{percent(lost)} of the trips have no path on the network and are left out of all flows."
    )
    found.append(_fit(periods, cleared))
    suppressed = int(tables["msoas"]["life_expectancy_years"].isna().sum())
    if suppressed:
        found.append(f"Life expectancy is suppressed or missing in {count(suppressed, 'MSOA')}.")
    found += _weather(cleared)
    return found


def _fit(periods: pd.DataFrame, cleared: Clearance) -> str:
    compared = periods["detectors_compared"]
    total = int(compared.sum())
    if total == 0:
        return "There were no good counts of the assigned type of day to compare with."
    share = float((periods["geh_below_5_share"].fillna(0.0) * compared).sum() / total)
    kind = "synthetic " if "counts" in cleared.sources and cleared.sources["counts"].nature == "synthetic" else ""
    compared_with = count(total, "comparison")
    return f"Against {compared_with} with {kind}counts, {percent(share)} of the modelled flows have a GEH below 5."


def _weather(cleared: Clearance) -> list[str]:
    carbon = cleared.manifests["carbon"]
    found = []
    if calm := carbon.results.get("hours_calm"):
        least = carbon.settings.get("carbon", {}).get("minimum_wind_m_s")
        found.append(f"{count(int(calm), 'hour')} had less wind than {figure(least)} m/s: computed at that speed.")
    if missing := carbon.results.get("hours_without_weather"):
        found.append(f"{count(int(missing), 'hour')} had no whole weather and are left out of the day’s mean.")
    shares = carbon.results.get("cutoff_leaves_out_share")
    if isinstance(shares, Mapping) and max(shares.values(), default=0.0) >= 0.0005:
        reach = f"{carbon.results['cutoff_m'] / 1000.0:g}"
        told = listing(f"{percent(share)} of the roads’ {pollutant}" for pollutant, share in shares.items())
        found.append(f"Roads farther than {reach} km are left out: that is about {told}.")
    return found


def _exposure(cleared: Clearance) -> tuple[str, str]:
    if is_annual(cleared):
        text = "Attributable deaths rest on the mean of the 365 days that end with this one, at today’s traffic."
        return "A modelled year", f"{text} {_risk(cleared)}"
    text = "Attributable deaths are what this day’s mean concentration would cause were it the mean of the year."
    return "One day is not a year", f"{text} {_risk(cleared)}"


def is_annual(cleared: Clearance) -> bool:
    """Whether exposure is a mean of the year."""
    return str(cleared.manifests["health"].results.get("exposure", "")).startswith("annual")


def _risk(cleared: Clearance) -> str:
    results = cleared.manifests["health"].results
    risks = [cause["relative_risk"] for cause in results.get("causes", ())]
    if not risks:
        return ""
    said = listing(
        f"{figure(risk['central'], 2)} ({figure(risk['lower'], 2)} to {figure(risk['upper'], 2)}) "
        f"per {figure(risk['per_ug_m3'], 0)} µg/m³ ({risk['name']}, evidence: {risk.get('evidence', 'not graded')})"
        for risk in risks
    )
    said = f"The relative risk is {said}" if len(risks) == 1 else f"The relative risks are {said}"
    floor = results.get("counterfactual_ug_m3")
    said += f", counted from {figure(floor)} µg/m³ up." if floor is not None else "."
    apart = " Their deaths overlap and must not be added." if len(risks) > 1 else ""
    return said + apart


def _mix(cleared: Clearance) -> str:
    mix = cleared.manifests["carbon"].settings.get("carbon", {}).get("vehicle_mix", {})
    told = []
    for road, words in ((r, w) for r, w in ROAD_WORDS.items() if r in mix):
        shares = listing(f"{percent(mix[road][v])} {word}" for v, word in VEHICLE_WORDS.items() if v in mix[road])
        told.append(f"{shares} on {words}")
    year = cleared.manifests["carbon"].settings.get("carbon", {}).get("fleet_year")
    fleet = f" Emission curves are of the fleet of {year}." if year else ""
    return (
        f"Emissions assume {'; '.join(told)}." if told else "Emissions assume a share of each vehicle class."
    ) + fleet


def _background(tables: Mapping[str, pd.DataFrame]) -> str:
    areas = tables["areas"]
    if not len(areas):
        return ""
    pm, nox = (figure(areas[f"{p}_background_ug_m3"].median()) for p in ("pm2_5", "nox"))
    return (
        f"The background is what background sites measured, {pm} µg/m³ of PM2.5 and {nox} µg/m³ of NOₓ in the middle "
        "area. Such sites see some road traffic too, so a part may be counted twice. How much NOₓ is NO₂ follows a "
        "curve fitted to hours of the 1990s."
    )
