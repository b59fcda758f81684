"""Costs and benefits by hand; nothing changed is worth exactly nothing; areas add up."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lcr_hpc.appraisal import Outcomes, Price, appraise
from lcr_hpc.errors import InputError

YEARS = np.array([2025, 2026])
TIME = Price(10.0, 2022, "a made-up value of time")
LIFE = Price(50_000.0, 2022, "a made-up value of a life year")
BASE = Outcomes(np.array([1e6, 1e6]), np.array([5e4, 5e4]), np.array([200.0, 200.0]), np.zeros(2))
SCENARIO = Outcomes(np.array([1e6, 9e5]), np.array([5e4, 4e4]), np.array([200.0, 190.0]), np.array([2e6, 1e5]))


def worth(base=BASE, scenario=SCENARIO, years=YEARS, **more):
    given = {"value_of_time": TIME, "value_of_life_year": LIFE, "cost_source": "a made-up bill", "present_year": 2025}
    return appraise(base, scenario, years, **(given | more))


def test_by_hand():
    # 2026 counts 1/1.035. Time: 1e5 h x 10; carbon: 1e4 t x 277.22 (central, 2026); health: 10 x 50,000
    found = worth()
    central = found.table.set_index("item")["present_value_central_gbp"]
    assert central["travel time"] == pytest.approx(1e6 / 1.035)
    assert central["carbon"] == pytest.approx(2_772_200.0 / 1.035)
    assert central["health"] == pytest.approx(5e5 / 1.035)
    assert central["building and running"] == pytest.approx(-(2e6 + 1e5 / 1.035))
    benefit, cost = central.iloc[:3].sum(), -central.iloc[3]
    assert found.benefit_gbp[1] == pytest.approx(benefit)
    assert found.net_present_value_gbp[1] == pytest.approx(benefit - cost)
    assert found.benefit_cost_ratio[1] == pytest.approx(benefit / cost)
    assert found.reason == ""
    low, _, high = found.net_present_value_gbp
    assert high - low == pytest.approx(
        (found.table["present_value_high_gbp"] - found.table["present_value_low_gbp"])[1]
    )


def test_every_row_has_its_source():
    table = worth().table
    assert list(table["source"]) == [
        "a made-up value of time",
        "DESNZ 2023, consolidated series (carbon_values_desnz2023.csv)",
        "a made-up value of a life year",
        "a made-up bill",
    ]
    assert list(table["change"]) == [-1e5, -1e4, -10.0, 2.1e6]
    assert table["price"][0] == "10.00 GBP/h"


def test_the_base_against_itself_is_exactly_nothing():
    found = worth(scenario=BASE)
    assert (found.net_present_value_gbp == 0.0).all()
    assert (found.benefit_gbp == 0.0).all()
    numbers = np.nan_to_num(found.table.select_dtypes("number").to_numpy())  # NaN where nothing is drawn
    assert not numbers.any()
    assert not np.signbit(numbers).any()
    assert np.isnan(found.benefit_cost_ratio).all()
    assert found.reason == "the scenario costs no more than the base: no ratio"


def test_base_and_scenario_change_places():
    there, back = worth(), worth(base=SCENARIO, scenario=BASE)
    assert there.net_present_value_gbp == pytest.approx(-back.net_present_value_gbp)


def test_areas_add_up():
    random = np.random.Generator(np.random.Philox(4))
    years = np.arange(2025, 2041)
    before, after = (Outcomes(*random.uniform(0.0, 1e5, (4, 16, 6))) for _ in range(2))

    def part(outcomes, areas):
        return Outcomes(*(getattr(outcomes, f.name)[:, areas] for f in dataclasses.fields(Outcomes)))

    whole = worth(before, after, years)
    halves = [worth(part(before, a), part(after, a), years) for a in (slice(0, 2), slice(2, 6))]
    assert whole.net_present_value_gbp == pytest.approx(sum(h.net_present_value_gbp for h in halves))
    sums = Outcomes(*(getattr(before, f.name).sum(axis=1) for f in dataclasses.fields(Outcomes)))
    after_sums = Outcomes(*(getattr(after, f.name).sum(axis=1) for f in dataclasses.fields(Outcomes)))
    assert worth(sums, after_sums, years).benefit_gbp == pytest.approx(whole.benefit_gbp)


def test_a_price_may_grow():
    growing = Price(np.array([10.0, 20.0]), 2022, "made up")
    row = worth(value_of_time=growing).table.iloc[0]
    assert row["present_value_central_gbp"] == pytest.approx(2e6 / 1.035)
    assert row["price"] == "10.00 to 20.00 GBP/h"


def test_input_that_cannot_be_compared():
    with pytest.raises(InputError, match=r"value_of_time: £ of 2010; wanted £ of 2022, as the carbon values are"):
        worth(value_of_time=Price(10.0, 2010, "DfT"))
    with pytest.raises(InputError, match="value_of_life_year: no source"):
        worth(value_of_life_year=Price(1.0, 2022, " "))
    with pytest.raises(InputError, match="3 prices for 2 years"):
        worth(value_of_time=Price(np.ones(3), 2022, "x"))
    with pytest.raises(InputError, match="found -1; wanted £ a unit, 0 or more"):
        worth(value_of_time=Price(-1.0, 2022, "x"))
    with pytest.raises(InputError, match="2051 to 2051 have no carbon value"):
        worth(years=np.array([2050, 2051]))
    with pytest.raises(InputError, match="wanted 2026, the present"):
        worth(present_year=2026)
    lost = dataclasses.replace(SCENARIO, co2e_t=np.array([1.0, np.nan]), cost_gbp=np.zeros(3))
    with pytest.raises(InputError, match="co2e_t of the scenario: no number in 2026") as problem:
        worth(scenario=lost)
    assert "cost_gbp: base (2,), scenario (3,)" in str(problem.value)
    with pytest.raises(InputError, match="wanted each once, rising"):
        worth(years=np.array([2026, 2026]))
