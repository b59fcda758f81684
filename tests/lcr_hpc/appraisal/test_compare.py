"""Two scenarios of a night in the stores: who breathes less, and what must not be compared."""

from __future__ import annotations

import json
import shutil

import pytest

from lcr_hpc.appraisal.compare import as_table, compare_scenarios, describe
from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.health.stage import run_health
from tests.lcr_hpc.health.conftest import Region

SMALL = parse_config({"health": {"draws": 20, "seed": 7, "relative_risk": "PM2.5 all-cause 30+"}})


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """A root with the scenarios `base` and `cleaner`: in that, half of the areas have 1 µg/m³ less PM2.5."""
    root = tmp_path_factory.mktemp("root")
    region = Region()
    layout = region.write(root)
    run_health(SMALL, layout, SerialBackend())
    region.level[: region.areas // 2, 1] -= 1.0
    other = region.write(tmp_path_factory.mktemp("other"))
    run_health(SMALL, other, SerialBackend())
    shutil.copytree(other.night_dir, layout.night_dir.with_name("cleaner"))
    return region, layout


def test_those_who_breathe_less_gain_and_nobody_loses(nights):
    region, layout = nights
    found = compare_scenarios(layout, "base", "cleaner")
    people = region.population.sum(axis=1)
    better = people[: region.areas // 2].sum()
    air = found["PM2.5 concentration (ug m-3)"]
    assert air.people_gain.sum() == pytest.approx(better)
    assert air.people_lose.sum() == 0
    assert air.mean_change == pytest.approx(-better / people.sum())
    (deaths,) = [g for name, g in found.items() if "mortality" in name]
    # Draw n of the one belongs to draw n of the other: what they share moves nobody across the line.
    assert deaths.people_gain.sum() == pytest.approx(better)
    assert deaths.people_lose.sum() == 0
    assert found["NOx concentration (ug m-3)"].people_same.sum() == pytest.approx(people.sum())


def test_a_scenario_against_itself_changes_nothing(nights):
    found = compare_scenarios(nights[1], "base", "base")
    changes = ["mean_change", "people_gain", "people_lose", "probability_narrows", "probability_widens"]
    assert (as_table(found)[changes].to_numpy() == 0).all()
    assert "base against base" in describe(found, "base", "base")


def test_a_scenario_that_was_not_run_says_how_to_run_it(nights):
    with pytest.raises(InputError, match=r"no scenario `buses` .* there are: base, cleaner"):
        compare_scenarios(nights[1], "base", "buses")


def test_other_draws_or_another_spine_are_refused(nights):
    layout = nights[1]
    shutil.copytree(layout.night_dir.with_name("cleaner"), layout.night_dir.with_name("odd"))
    file = layout.night_dir.with_name("odd") / "health.json"
    told = json.loads(file.read_text())
    told["settings"]["health"]["seed"] = 8
    told["inputs"]["areas"] = "0" * 64
    file.write_text(json.dumps(told))
    with pytest.raises(InputError, match=r"(?s)areas.zarr differs between base and odd.*`health.seed` differ"):
        compare_scenarios(layout, "base", "odd")
