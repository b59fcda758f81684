"""Pathways: no measures are the base, each lever by hand, the same numbers for any workers."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcr_hpc.carbon import pathway
from lcr_hpc.carbon.carbon_value import carbon_values, discount_factors
from lcr_hpc.carbon.levers import ASSUMED, LEVERS, PathwaySettings, lever_paths
from lcr_hpc.carbon.measures import PathwayBase
from lcr_hpc.carbon.pathway import QUANTILES, pathway_by_district, pathway_ensemble
from lcr_hpc.errors import InputError

SECTORS = ("road car", "road van", "road hgv", "road bus", "homes gas", "homes electricity", "industry gas",
           "industry electricity", "large installations")  # fmt: skip


@pytest.fixture
def base() -> PathwayBase:
    co2 = np.array(
        [
            [310.3, 71.7, 63.1, 9.9, 402.7, 105.1, 133.3, 120.7, 55.5],
            [120.1, 30.3, 41.7, 4.1, 160.9, 40.3, 77.7, 60.1, 0.0],
        ]
    )
    return PathwayBase(2025, ("A", "B"), SECTORS, co2, 0.177, 0.18293, 0.25)


def certain(value: float) -> tuple[float, float, float]:
    return value, value, value


def last_year(base: PathwayBase, parameters: dict | None = None, **levers: float) -> dict[str, float]:
    """Emissions of district A in 2040 by sector, levers at given values and all parameters at hand-worked ones."""
    handy = {"heat_pump_performance": certain(3.0), "boiler_efficiency": certain(0.9)}
    handy |= {"electric_drive_ratio": certain(0.4)} | (parameters or {})
    settings = PathwaySettings(2025, levers={k: {2040: certain(v)} for k, v in levers.items()}, parameters=handy)
    return dict(zip((*SECTORS, "charging"), pathway_by_district(base, settings)[-1, 0], strict=True))


def test_no_measures_are_the_base_exactly(base):
    shifted = dataclasses.replace(base, mode_shift_kt=0.37 * base.co2_kt)
    for start in (base, shifted):
        for levers in ({}, {name: {2030: certain(0.0), 2040: certain(0.0)} for name in LEVERS}):
            settings = PathwaySettings(2025, levers=levers, members=100)
            central = pathway_by_district(start, settings)
            assert np.array_equal(central[:, :, :-1], np.broadcast_to(base.co2_kt, (16, 2, 9)))
            assert not central[:, :, -1].any()
            found = pathway_ensemble(start, settings)
            region = base.co2_kt.sum(axis=0)
            for quantile in range(len(QUANTILES)):
                assert np.array_equal(found.emissions_kt[:, :-1, quantile], np.broadcast_to(region, (16, 9)))
            assert (found.residual_kt == found.residual_kt[0]).all()
            assert not found.avoided_value_gbp_m.any()
            assert found.sensitivity["residual"].reason == "the result does not vary"


def test_electric_cars_by_hand(base):
    # half of 310.3 + 71.7 = 191 kt of fuel is gone: 191/0.25 = 764 GWh of fuel, 305.6 of electricity, 54.0912 kt
    found = last_year(base, bev=0.5)
    assert found["road car"] == pytest.approx(155.15)
    assert found["road van"] == pytest.approx(35.85)
    assert found["road hgv"] == 63.1
    assert found["charging"] == pytest.approx(54.0912)
    assert last_year(base, bev=0.5, grid=1.0)["charging"] == 0.0


def test_goods_vehicles_by_hand(base):
    # a quarter of 63.1 = 15.775 kt: 63.1 GWh of fuel, 25.24 of electricity
    found = last_year(base, hgv=0.25)
    assert found["road hgv"] == pytest.approx(47.325)
    assert found["charging"] == pytest.approx(25.24 * 0.177)
    assert found["road car"] == 310.3


def test_retrofit_then_heat_pumps_by_hand(base):
    # 402.7 less a quarter = 302.025; half of it to heat pumps: 151.0125/0.18293 = 825.5207 GWh of gas,
    # x 0.9 of heat, / 3 = 247.65621 GWh, x 0.177 = 43.835149 kt
    found = last_year(base, retrofit=0.25, heat_pumps=0.5)
    assert found["homes gas"] == pytest.approx(151.0125)
    assert found["homes electricity"] == pytest.approx(105.1 + 43.835149)
    # a grid cut by half halves the old and the new electricity, and industry's
    green = last_year(base, retrofit=0.25, heat_pumps=0.5, grid=0.5)
    assert green["homes electricity"] == pytest.approx(0.5 * (105.1 + 43.835149))
    assert green["industry electricity"] == pytest.approx(60.35)
    assert green["industry gas"] == 133.3


def test_mode_shift_reads_the_scenario(base):
    scenario = base.co2_kt.copy()
    scenario[:, :4] *= [[0.8, 1.0, 1.1, 1.5], [0.9, 1.0, 1.0, 1.0]]
    scenario[:, 4:] = 1e9  # other sectors of the scenario are not read
    shifted = dataclasses.replace(base, mode_shift_kt=scenario)
    found = last_year(shifted, mode_shift=0.5)
    assert [found[s] for s in SECTORS] == pytest.approx(
        [310.3 * 0.9, 71.7, 63.1 * 1.05, 9.9 * 1.25, 402.7, 105.1, 133.3, 120.7, 55.5]
    )
    assert "road bus" in base.untouched
    assert "road bus" not in shifted.untouched


def test_straight_lines_from_the_base_year(base):
    settings = PathwaySettings(2025, levers={"grid": {2030: certain(0.5), 2035: certain(0.9)}})
    path = lever_paths(settings)["grid"][0]
    assert path[[0, 1, 5, 7, 10, 15]] == pytest.approx([0.0, 0.1, 0.5, 0.66, 0.9, 0.9])


def test_a_member_lies_as_high_in_every_year_and_by_the_triangle():
    settings = PathwaySettings(2025, levers={"grid": {2030: (0.0, 0.2, 1.0), 2040: (0.2, 0.2, 0.2)}})
    low, middle, high = (lever_paths(settings, np.full((1, 11), u))["grid"][0] for u in (0.0, 0.6875, 1.0))
    assert low[5] == 0.0
    assert high[5] == 1.0
    assert middle[5] == pytest.approx(0.5)  # 1 - sqrt((1 - u) x 0.8) = 0.5
    assert low[15] == middle[15] == high[15] == 0.2


def ambitious(members: int = 2048, **more) -> PathwaySettings:
    levers = {
        "bev": {2030: (0.2, 0.3, 0.4), 2040: (0.6, 0.8, 0.95)},
        "retrofit": {2040: (0.1, 0.2, 0.3)},
        "heat_pumps": {2040: (0.2, 0.4, 0.7)},
        "grid": {2035: (0.6, 0.8, 0.95)},
        "hgv": {2040: (0.1, 0.3, 0.6)},
    }
    return PathwaySettings(2025, levers=levers, members=members, **more)


def test_cumulative_residual_budget_and_value_fit_together(base):
    found = pathway_ensemble(base, ambitious(budget_kt=20_000.0))
    assert found.exceedance == np.mean(found.cumulative_kt > 20_000.0)
    assert 0.0 < found.exceedance < 1.0
    assert found.exceedance_error == pytest.approx(np.sqrt(found.exceedance * (1 - found.exceedance) / 2048))
    assert np.array_equal(found.total_kt[-1], np.quantile(found.residual_kt, QUANTILES))
    assert found.total_kt[0] == pytest.approx(base.co2_kt.sum())
    # levers only take away, so each year lies below the one before in every quantile
    assert (np.diff(found.total_kt, axis=0) < 0.0).all()
    low, central, high = found.avoided_value_gbp_m
    assert ((low < central) & (central < high)).all()
    assert pathway_ensemble(base, ambitious()).exceedance is None


def test_value_of_a_certain_pathway_by_its_sum(base):
    settings = PathwaySettings(2025, levers={"retrofit": {2026: certain(0.5)}}, members=16)
    years = np.arange(2026, 2041)
    avoided = 0.5 * (402.7 + 160.9)
    by_hand = avoided * 1e3 * (carbon_values(years) * discount_factors(years, 2025)).sum(axis=1) / 1e6
    found = pathway_ensemble(base, settings).avoided_value_gbp_m
    assert found == pytest.approx(np.repeat(by_hand[:, None], 5, axis=1))


def test_a_factor_alone_explains_everything(base):
    found = pathway_ensemble(
        base,
        PathwaySettings(
            2025,
            levers={"retrofit": {2040: (0.0, 0.2, 0.5)}},
            parameters={name: (v[1], v[1], v[1]) for name, v in ASSUMED.items()},
            members=1024,
        ),
    )
    for indices in found.sensitivity.values():
        at = found.factors.index("retrofit")
        assert indices.first[at] == pytest.approx(1.0, abs=0.01)
        assert indices.total[at] == pytest.approx(1.0, abs=0.01)
        assert not np.delete(indices.total, at).any()


def test_the_residuals_shares_are_in_order(base):
    found = pathway_ensemble(base, ambitious(4096)).sensitivity["residual"]
    assert (found.total >= found.first - 3.0 * found.first_error).all()
    assert 0.9 < found.first.sum() <= 1.02


class Elsewhere:
    """Computes the last item first, each from a copy: as workers do."""

    def map(self, function, items):
        done = {
            k: pickle.loads(pickle.dumps(function))(pickle.loads(pickle.dumps(items[k])))
            for k in range(len(items))[::-1]
        }
        return [done[k] for k in range(len(items))]


@pytest.mark.parametrize("block_rows", [1024, 700, 2500])
def test_same_numbers_for_any_workers_and_blocks(base, monkeypatch, block_rows):
    settings = ambitious(2500, budget_kt=20_000.0)
    alone = pathway_ensemble(base, settings)
    monkeypatch.setattr(pathway, "BLOCK_ROWS", block_rows)
    spread = pathway_ensemble(base, settings, Elsewhere())
    for name in ("emissions_kt", "total_kt", "cumulative_kt", "residual_kt", "avoided_value_gbp_m"):
        assert np.array_equal(getattr(alone, name), getattr(spread, name))
    assert np.array_equal(alone.sensitivity["residual"].total, spread.sensitivity["residual"].total)


@given(st.dictionaries(st.sampled_from(sorted(set(LEVERS) - {"mode_shift"})), st.floats(0.0, 1.0)))
def test_emissions_are_never_negative_and_districts_add_up(levers):
    co2 = np.random.Generator(np.random.Philox(3)).uniform(0.0, 300.0, (3, 9))
    base = PathwayBase(2025, ("A", "B", "C"), SECTORS, co2, 0.177, 0.18293, 0.25)
    settings = PathwaySettings(2025, levers={k: {2040: certain(v)} for k, v in levers.items()})
    found = pathway_by_district(base, settings)
    assert (found >= 0.0).all()
    whole = dataclasses.replace(base, districts=("all",), co2_kt=co2.sum(axis=0, keepdims=True))
    assert found.sum(axis=1) == pytest.approx(pathway_by_district(whole, settings)[:, 0], rel=1e-12, abs=1e-9)


def test_all_problems_of_the_settings_at_once():
    with pytest.raises(InputError) as problem:
        PathwaySettings(
            2025,
            end_year=2020,
            levers={"bvv": {2040: certain(0.1)}, "grid": {2010: (0.5, 0.4, 1.2)}},
            parameters={"boiler_eficiency": certain(0.9), "boiler_efficiency": certain(0.0)},
            members=1,
        )
    said = str(problem.value)
    for part in (
        "wanted a year after the base year 2025",
        "`bvv` is no lever; did you mean `bev`?",
        "grid: year 2010 is not within",
        "grid in 2010: found 0.5, 0.4, 1.2; wanted 0 <= low <= central <= high <= 1",
        "`boiler_eficiency` is no parameter; did you mean `boiler_efficiency`?",
        "boiler_efficiency: found 0, 0, 0",
        "members 1",
    ):
        assert part in said


def test_levers_that_the_base_cannot_answer_to(base):
    roads = dataclasses.replace(base, sectors=SECTORS[:4], co2_kt=base.co2_kt[:, :4])
    levers = {name: {2040: certain(0.5)} for name in ("mode_shift", "heat_pumps")}
    with pytest.raises(InputError, match="no sector homes gas, homes electricity") as problem:
        pathway_ensemble(roads, PathwaySettings(2025, levers=levers))
    assert "the traffic model must run the scenario first" in str(problem.value)
    with pytest.raises(InputError, match=r"the base is of 2025, the settings' base_year is 2023"):
        pathway_ensemble(base, PathwaySettings(2023))


def test_a_base_that_cannot_be_used():
    co2 = np.array([[1.0, np.nan]])
    with pytest.raises(InputError, match="no number for road van in A") as problem:
        PathwayBase(2025, ("A",), ("road car", "road van"), co2, 0.0, 0.18, 0.25)
    assert "grid_kg_kwh: found 0.0" in str(problem.value)
