"""Small counts in the products: nothing that is published, taken from another, gives one away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from lcr_hpc.publish.columns import PEOPLE
from lcr_hpc.publish.disclosure import hide_few_deaths, hide_few_people
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.publish.suppression import SuppressionPolicy
from lcr_hpc.publish.tables_burden import BURDEN_AREAS_USE, burden_areas
from lcr_hpc.publish.tables_groups import GROUP_BURDEN_USE, GROUPS_USE, group_burden, groups
from lcr_hpc.publish.verify import _csv
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import create_store, write_slab

EIGHT = SuppressionPolicy(8, 3)
MSOAS, DISTRICTS, YEARS = 6, 2, 5


@pytest.fixture
def layout(config, tmp_path):
    """Twelve areas in six MSOAs of two districts; two ages of three groups, few of them in some places."""
    layout = Layout(tmp_path, config.night)
    draw = np.random.default_rng(3)
    areas, of_area = 2 * MSOAS, np.repeat(np.arange(MSOAS), 2).astype(np.int32)
    path = layout.store("areas")
    names = ("area", "msoa", "area_msoa", "district", "area_district")
    create_store(path, "areas", {"area": areas, "msoa": MSOAS, "district": DISTRICTS}, only=names)
    values = {
        "area": [f"a{k:02d}" for k in range(areas)],
        "msoa": [f"m{k}" for k in range(MSOAS)],
        "area_msoa": of_area,
        "district": ["d0", "d1"],
        "area_district": (of_area // 3).astype(np.int16),
    }
    write_slab(path, "areas", {}, values)
    path = layout.store("carbon")
    create_store(path, "carbon", {"air_pollutant": 3}, only=["air_pollutant"])
    write_slab(path, "carbon", {}, {"air_pollutant": ["NOx", "NO2", "PM2.5"]})
    path = layout.store("health")
    sizes = {"area": areas, "msoa": MSOAS, "age_group": 2, "people_group": 3, "air_pollutant": 3, "bound": 3}
    sizes |= {"cause": 1, "quantile": 3}
    names = ("age_group", "people_group", "synthetic_people", "people_exposure_ug_m3", "people_deaths", "cause",
             "cause_evidence", "bound", "baseline_deaths", "attributable_fraction", "attributable_deaths", "years_lost",
             "burden_quantile")  # fmt: skip
    create_store(path, "health", sizes, only=names, attrs={"observation_years": YEARS})
    who = draw.poisson(6.0, (areas, 2, 3)).astype(np.int32)
    who[3] = 0
    deaths = np.array([4.0, 3.0, 30, 31, 29, 28, 50, 51, 52, 53, 54, 55]) / YEARS  # seven counted in the first MSOA
    bounds = np.array([0.05, 0.04, 0.06])
    values = {
        "age_group": np.array([0, 65], np.int16),
        "people_group": ["a", "b", "c"],
        "synthetic_people": who,
        "people_exposure_ug_m3": draw.gamma(9.0, size=(MSOAS, 2, 3, 3)),
        "people_deaths": draw.gamma(2.0, size=(MSOAS, 2, 3, 3, 1)),
        "cause": ["PM2.5: all-cause mortality"],
        "cause_evidence": ["quoted: Somebody 2020"],
        "bound": ["central", "lower", "upper"],
        "baseline_deaths": deaths[:, None],
        "attributable_fraction": np.tile(bounds, (areas, 1))[:, :, None],
        "attributable_deaths": (deaths[:, None] * bounds)[:, :, None],
        "years_lost": 12 * (deaths[:, None] * bounds)[:, :, None],
        "burden_quantile": (bounds[[1, 0, 2], None] * deaths)[:, :, None],
    }
    write_slab(path, "health", {}, values)
    return layout


def narrowest(frame: pd.DataFrame, parents: dict[str, str]) -> float:
    """Width of the narrowest interval that all shown persons leave for a hidden one: sums told anew, by name."""
    frame = frame.assign(cell=frame["age_from"].astype("string").fillna("all") + frame["people_group"])
    at = {key: k for k, key in enumerate(zip(frame["place"], frame["cell"], strict=True))}
    cells, places = list(dict.fromkeys(frame["cell"])), list(dict.fromkeys(frame["place"]))
    rows = []
    for place in places:
        rows.append([(at[place, c], 1.0 if c != "allall" else -1.0) for c in cells])
    for parent in set(parents.values()):
        rows += [[(at[parent, c], -1.0), *((at[k, c], 1.0) for k, p in parents.items() if p == parent)] for c in cells]
    matrix = np.zeros((len(rows), len(frame)))
    for r, row in enumerate(rows):
        for k, sign in row:
            matrix[r, k] = sign
    shown = frame["persons"].to_numpy(np.float64, na_value=np.nan)
    hidden = np.flatnonzero(np.isnan(shown))
    right = -matrix @ np.nan_to_num(shown)
    widths = []
    for k in range(hidden.size):
        aim = np.zeros(hidden.size)
        aim[k] = 1.0
        ends = [linprog(s * aim, A_eq=matrix[:, hidden], b_eq=right, method="highs") for s in (1.0, -1.0)]
        widths.append(-ends[1].fun - ends[0].fun if ends[1].status == 0 else np.inf)
    return min(widths, default=np.inf)


PARENTS = {**{f"m{k}": f"d{k // 3}" for k in range(MSOAS)}, "d0": "region", "d1": "region"}


def test_few_people_cannot_be_worked_out_from_what_is_published(layout):
    inputs = Inputs(layout, GROUPS_USE, {})
    plain = groups(inputs)
    shown, (audit,) = hide_few_people(inputs, plain, EIGHT)
    assert list(plain.columns) == [c.name for c in PEOPLE]
    hidden = shown["persons"].isna()
    assert 0 < hidden.sum() < len(shown)
    np.testing.assert_array_equal(shown["persons"][~hidden], plain["persons"][~hidden])
    assert not plain["persons"][~hidden].between(1, 7).any()
    assert narrowest(shown, PARENTS) >= EIGHT.protection - 1e-6
    assert audit.narrowest == pytest.approx(narrowest(shown, PARENTS))
    # Leaving out the small ones alone gives some of them away.
    naive = plain.assign(persons=plain["persons"].where(~plain["persons"].between(1, 7)))
    assert narrowest(naive, PARENTS) == 0
    # A mean of people who are not shown is not shown.
    assert shown.loc[hidden, ["no2_ug_m3", "pm2_5_ug_m3"]].isna().all().all()
    assert shown.loc[~hidden & (plain["persons"] > 0), "pm2_5_ug_m3"].notna().all()


def test_exposure_of_a_district_is_the_mean_over_its_people(layout):
    frame = groups(Inputs(layout, GROUPS_USE, {})).set_index(["place", "people_group", "age_from"])
    part = frame.loc[[(f"m{k}", "b", 65) for k in range(3)]]
    wanted = np.average(part["no2_ug_m3"], weights=part["persons"])
    assert frame.loc[("d0", "b", 65), "no2_ug_m3"] == pytest.approx(wanted)
    whole = frame.xs("all", level="people_group")["persons"]
    assert whole.loc["region"].item() == whole.loc[["d0", "d1"]].sum()


def test_areas_of_an_msoa_with_few_deaths_tell_none(layout):
    inputs = Inputs(layout, BURDEN_AREAS_USE, {})
    shown, (audit,) = hide_few_deaths(inputs, burden_areas(inputs), EIGHT)
    empty = shown["attributable_deaths_per_year"].isna()
    # Seven counted deaths in m0; with its district's total known, another MSOA of it has to go too.
    assert set(shown.loc[empty, "msoa"]) > {"m0"}
    assert set(shown.loc[empty, "msoa"]) <= {"m0", "m1", "m2"}
    assert shown.loc[empty, ["baseline_deaths_per_year", "years_lost_per_year"]].isna().all().all()
    assert shown.loc[~empty, "baseline_deaths_per_year"].notna().all()
    assert audit.narrowest >= EIGHT.protection


def test_deaths_of_shown_groups_do_not_tell_the_persons_of_hidden_ones(layout):
    inputs = Inputs(layout, GROUP_BURDEN_USE, {})
    plain = group_burden(inputs)
    assert set(plain["level"]) == {"district", "region"}
    deaths, alone = "attributable_deaths_per_year", plain["people_group"] != "all"
    shown, _ = hide_few_people(inputs, plain, EIGHT)
    assert shown.loc[~alone, deaths].notna().all()
    few = SuppressionPolicy(int(plain.loc[alone & (plain["level"] == "district"), "persons"].min()) + 1, 3)
    shown, _ = hide_few_people(inputs, plain, few)
    assert shown["persons"].isna().any()
    assert shown.loc[alone, deaths].isna().all()


def test_a_release_that_shows_a_small_count_does_not_verify(tmp_path):
    entry = {"columns": [{"name": "place", "dtype": "str"}, {"name": "persons", "dtype": "Int64"}], "rows": 3}
    (tmp_path / "people.csv").write_text("place,persons\na,12\nb,\nc,7\n")
    assert list(_csv(tmp_path / "people.csv", entry)) == []
    counts = {"column": "persons", "suppressed_below": 8}
    (problem,) = _csv(tmp_path / "people.csv", entry | {"counts": counts})
    assert problem == "`persons` holds counts below 8, which must not be shown"
    (tmp_path / "people.csv").write_text("place,persons\na,12\nb,\nc,8\n")
    assert list(_csv(tmp_path / "people.csv", entry | {"counts": counts})) == []
