"""The traffic stage: network, demand and counts in, the equilibrium of every period of each type of day out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.config import BASE, Config
from lcr_hpc.errors import ModelError, raise_all
from lcr_hpc.store.base import is_scenario
from lcr_hpc.store.calendar import day_type
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest, begin_stage, finish_store, read_manifest
from lcr_hpc.store.slabs import create_store, open_store, write_slab
from lcr_hpc.store.variables import DAY_TYPES, ROAD_CLASSES
from lcr_hpc.traffic.equilibrium import Assignment, assign
from lcr_hpc.traffic.inputs import INPUTS, TrafficInputs, read_inputs
from lcr_hpc.traffic.network import Demand, Floats
from lcr_hpc.traffic.period_case import PeriodCase, class_names, divide, prohibited_links
from lcr_hpc.traffic.periods import period_of_hour
from lcr_hpc.traffic.scenario.run import ScenarioRun
from lcr_hpc.traffic.scenario.solution import SolutionWriter
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.stage_resume import Solved, StageCheckpoint, as_json
from lcr_hpc.traffic.stage_skims import name_skims, skim_sizes, write_skims
from lcr_hpc.traffic.validation import geh
from lcr_hpc.traffic.warm_start import WarmStart

NAMED_PAIRS = 20


def run_traffic(config: Config, layout: Layout, communicator: Communicator) -> Manifest:
    """Assign the demand of each period of every type of day and compare the night's own type with its counts.

    Parameters
    ----------
    config : Config
        Sections `traffic` and `compute.threads`; the night.
    layout : Layout
        Where the stores lie.
    communicator : Communicator
        Ranks; the bytes do not depend on their number. Slab p, a period, is written by rank p modulo their number.

    Returns
    -------
    Manifest
        Of the store traffic.

    Raises
    ------
    StoreError
        A store that is missing or not whole.
    InputError
        Network or demand that no assignment can use, everything at once.
    ModelError
        Periods whose gap was not reached.
    """
    made_from = [read_manifest(layout.manifest(name)) for name in INPUTS]
    inputs = read_inputs(config, layout)
    settings = TrafficSettings(
        relative_gap=config.traffic.relative_gap,
        max_iterations=config.traffic.max_iterations,
        origin_blocks=config.traffic.origin_blocks,
    )
    run = ScenarioRun(config, layout, inputs, settings, communicator) if is_scenario(config) else None
    path = layout.store("traffic")
    communicator.barrier()
    if communicator.rank == 0:
        begin_stage(layout.manifest("traffic"))
        _create(path, config, inputs, run)
    communicator.barrier()

    if communicator.rank == 0:
        zones, ranks = inputs.network.n_zones, communicator.size
        print(
            f"{settings.blocks(zones)} blocks of {zones:,} origins, {ranks} ranks of {config.compute.threads} threads"
        )
    made_from += run.made_from if run is not None else []
    keeper = StageCheckpoint(config, layout, made_from, communicator, run.base.fingerprint if run is not None else "")
    kept = None
    if config.scenario == BASE and config.compute.keep_solution:
        kept = SolutionWriter(layout, settings, communicator)
    prohibited = prohibited_links(config.traffic, inputs.roads["road_class"].to_numpy())
    results = keeper.take_up(path)
    warm: WarmStart | None = None
    for period, demand in enumerate(inputs.demand):
        if period < len(results):
            continue
        if run is not None and (solved := run.take_over(path, period)) is not None:
            results.append(solved)
            continue
        case = run.case(period) if run is not None else divide(config.traffic, inputs.network, demand, prohibited)
        # Each period of the base begins where the one before it ended: the same on every machine, and two thirds of the
        # work (fourteen hours of Winnipeg 1.16 s for 1.76 s, of Berlin-Center 48 s for 78 s).
        result = assign(
            case.network,
            case.classes,
            settings,
            communicator=communicator,
            threads=config.compute.threads,
            warm_start=run.begin(period) if run is not None else warm,
            checkpoint=keeper.after(results),
        )
        warm = result.warm_start
        results.append(
            Solved(result.relative_gap, result.iterations, result.converged, result.blocks, result.unreachable)
        )
        if kept is not None:
            kept.write(period, result, as_json(results[-1]))
        if period % communicator.size == communicator.rank:
            time = np.where(case.closed, np.inf, case.network.time(result.link_flow))
            _write_period(path, period, inputs, case, result, time)
            if run is not None:
                run.write_effects(path, period, result.class_flow, time)
        write_skims(path, config, period, result, communicator)
        if communicator.rank == 0:
            print(
                f"{config.traffic.periods[period].label}: {_demand(case).interzonal:,.0f} veh/h, "
                f"relative gap {result.relative_gap:.1e} after {result.iterations} iterations",
                flush=True,
            )
    communicator.barrier()
    raise_all(_not_converged(config, results), ModelError)
    if communicator.rank == 0:
        made = finish_store(
            path,
            layout.manifest("traffic"),
            "traffic",
            inputs=made_from,
            settings={"traffic": config.section("traffic")},
            results=_headlines(path, config, inputs, results) | (run.results(path) if run is not None else {}),
            files=run.files if run is not None else None,
            sources=run.base.sources if run is not None else None,
        )
        if kept is not None:
            kept.finish(made, path, len(results))
    keeper.remove()
    return read_manifest(layout.manifest("traffic"))


def _create(path: Path, config: Config, inputs: TrafficInputs, run: ScenarioRun | None) -> None:
    periods = config.traffic.periods
    classes = class_names(config.traffic)
    sizes = {
        "period": len(periods),
        "vehicle_class": len(classes),
        "link": inputs.network.n_links,
        "day_type": len(DAY_TYPES),
        "hour_of_day": 24,
        "detector": len(inputs.detector),
        **skim_sizes(config, inputs.network.n_zones),
        **(run.sizes if run is not None else {}),
    }
    create_store(path, "traffic", sizes)
    write_slab(
        path,
        "traffic",
        {},
        {
            "period": [p.label for p in periods],
            "period_hours": [float(len(p.hours)) for p in periods],
            "period_day_type": [DAY_TYPES.index(p.day_types[0]) for p in periods],
            "day_type": list(DAY_TYPES),
            "hour_period": period_of_hour(periods),
            "vehicle_class": list(classes),
            "detector": inputs.detector,
            **(run.labels if run is not None else {}),
        },
    )
    name_skims(path, config)


def _write_period(
    path: Path, period: int, inputs: TrafficInputs, case: PeriodCase, result: Assignment, time: Floats
) -> None:
    demand, flow = _demand(case), result.class_flow.sum(axis=0)
    length_km = inputs.network.length / 1000.0
    moves = (time > 0.0) & np.isfinite(time) & (length_km > 0.0)
    speed = np.divide(60.0 * length_km, time, out=np.full(time.size, np.nan), where=moves)
    road = inputs.roads["road_class"].to_numpy() != ROAD_CLASSES.index("connector")
    counted = inputs.counted[period]
    modelled = np.where(inputs.detector_link >= 0, flow[inputs.detector_link], np.nan)
    values: dict[str, Any] = {
        "link_flow_veh_h": result.class_flow[None],
        "link_time_min": time[None, :],
        "link_speed_km_h": speed[None, :],
        "relative_gap": [result.relative_gap],
        "beckmann_objective": [result.objective],
        "iterations": np.array([result.iterations], np.int32),
        "demand_veh_h": [demand.interzonal],
        "intrazonal_veh_h": [demand.intrazonal],
        "unreachable_veh_h": [result.unreachable.total],
        "vehicle_km_h": [float((flow * length_km)[road].sum())],
        "observed_flow_veh_h": counted[None, :],
        "modelled_flow_veh_h": modelled[None, :],
        "geh": geh(modelled, counted)[None, :],
    }
    write_slab(path, "traffic", {"period": slice(period, period + 1)}, values)


def _demand(case: PeriodCase) -> Demand:
    """Vehicles of all classes."""
    first, *others = (c.demand for c in case.classes)
    return replace(first, trips=sum((d.trips for d in others), start=first.trips)) if others else first


def _not_converged(config: Config, results: list[Solved]) -> list[str]:
    return [
        f"traffic: period {period.label} has a relative gap of {result.relative_gap:.2e} after {result.iterations} "
        f"iterations, wanted {config.traffic.relative_gap:g}; raise traffic.max_iterations or the gap"
        for period, result in zip(config.traffic.periods, results, strict=True)
        if not result.converged
    ]


def _headlines(path: Path, config: Config, inputs: TrafficInputs, results: list[Solved]) -> dict[str, Any]:
    """A few figures for people and for the report, and the unreachable demand by name."""
    store = open_store(
        path, "traffic", ["hour_period", "vehicle_km_h", "demand_veh_h", "unreachable_veh_h", "geh"]
    ).load()
    of_hour = store["hour_period"].to_numpy()
    night = of_hour[DAY_TYPES.index(day_type(config.night))]
    statistic = store["geh"].to_numpy()
    compared = int(np.isfinite(statistic).sum())
    hours = np.bincount(night, minlength=len(results))
    lost: dict[tuple[int, int], float] = {}
    for result, length in zip(results, hours, strict=True):
        for o, d, t in zip(*(column.tolist() for column in result.unreachable), strict=True):
            lost[o, d] = lost.get((o, d), 0.0) + t * float(length)

    def of_day(name: str, period: Any) -> float:
        return float(store[name].to_numpy()[period].sum())

    node = inputs.network.node_id
    return {
        "day_type": day_type(config.night),
        "vehicle_km_day": of_day("vehicle_km_h", night),
        "vehicle_km_day_by_day_type": {d: of_day("vehicle_km_h", of_hour[i]) for i, d in enumerate(DAY_TYPES)},
        "trips_veh_day": of_day("demand_veh_h", night),
        "largest_relative_gap": max(result.relative_gap for result in results),
        "iterations": sum(result.iterations for result in results),
        "origin_blocks": results[0].blocks,
        "geh_compared": compared,
        "geh_below_5_share": float((statistic < 5.0).sum()) / compared if compared else None,
        "detectors_without_link": [d for d, i in zip(inputs.detector, inputs.detector_link, strict=True) if i < 0],
        "unreachable_veh_day": of_day("unreachable_veh_h", night),
        "unreachable_pairs": len(lost),
        "unreachable_named": [
            f"{node[o]} → {node[d]}: {lost[o, d]:.6g} veh/day" for o, d in sorted(lost)[:NAMED_PAIRS]
        ],
    }
