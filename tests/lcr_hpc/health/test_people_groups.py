"""Synthetic people in the stage: margins met, exposure and deaths that add up."""

from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.health.people_groups import AGE_GROUPS, people_by_group
from lcr_hpc.health.stage import run_health
from lcr_hpc.store.slabs import open_store

ONE = {"health": {"draws": 5, "relative_risk": "PM2.5 all-cause 30+"}}


def computed(region, root):
    region.groups = True
    layout = region.write(root)
    run_health(parse_config(ONE), layout, SerialBackend())
    return open_store(layout.store("health"), "health").load()


def test_people_meet_every_margin_and_what_they_breathe_adds_up(region, tmp_path):
    region.level[7] = np.nan
    health = computed(region, tmp_path)
    who = health["synthetic_people"].to_numpy()
    assert [str(g) for g in health["people_group"].to_numpy()] == [
        "female, disabled", "female, not disabled", "male, disabled", "male, not disabled",
    ]  # fmt: skip
    np.testing.assert_array_equal(who.sum(axis=2), np.add.reduceat(region.population, AGE_GROUPS, axis=1))
    total = region.population.sum(axis=1)
    np.testing.assert_array_equal(who[:, :, :2].sum(axis=(1, 2)), np.rint(0.51 * total))
    np.testing.assert_array_equal(who[:, :, ::2].sum(axis=(1, 2)), np.rint(total * (0.30 - 0.2 * region.rank / 32_844)))
    # More of the old are disabled, as the sample says.
    ill = who[:, :, ::2].sum(axis=(0, 2)) / who.sum(axis=(0, 2))
    assert (np.diff(ill) > 0).all()
    # Means over groups, weighted by their people, are the means over areas; an area without air is left out.
    known = np.isfinite(region.level[:, 1])
    found, people = health["people_exposure_ug_m3"].to_numpy()[..., 1], np.zeros((region.msoas, *who.shape[1:]))
    np.add.at(people, region.group[known], who[known])
    wanted = (region.level[known, 1] * total[known]).sum() / total[known].sum()
    assert np.nansum(found * people) / people.sum() == pytest.approx(wanted, rel=1e-12)
    # The disabled live where it is worse: they are many where the deprived are.
    disabled = (found * people)[:, :, ::2].sum() / people[:, :, ::2].sum()
    assert disabled > wanted
    # Deaths of all groups are those of the areas, none below thirty.
    deaths = health["people_deaths"].to_numpy()
    np.testing.assert_allclose(deaths.sum(axis=(0, 1, 2)), np.nansum(health["attributable_deaths"], axis=0), rtol=1e-12)
    assert (deaths[:, :2] == 0).all()


def test_exposure_and_deaths_of_a_group_as_a_slow_loop_says(region, tmp_path):
    health = computed(region, tmp_path)
    who, level = health["synthetic_people"].to_numpy(), region.level[:, 1]
    for m, a, g in ((0, 0, 1), (4, 3, 2), (29, 5, 0)):
        inside = [i for i in range(region.areas) if region.group[i] == m]
        people = sum(who[i, a, g] for i in inside)
        mean = sum(who[i, a, g] * level[i] for i in inside) / people
        assert health["people_exposure_ug_m3"].to_numpy()[m, a, g, 1] == pytest.approx(mean)
    bands = np.array([0, 1, *range(5, 95, 5)])
    m, a, g = 4, 3, 2  # the men, disabled, of 45 to 64
    wanted = 0.0
    for i in (i for i in range(region.areas) if region.group[i] == m):
        by_band = np.add.reduceat(region.population[i], bands)
        whole = np.add.reduceat(region.population[region.group == m].sum(axis=0), bands)
        expected = [
            n * d / w if b >= 30 and w else 0.0
            for b, n, d, w in zip(bands, by_band, region.deaths[m], whole, strict=True)
        ]
        of_age = sum(e for b, e in zip(bands, expected, strict=True) if 45 <= b < 65) / sum(expected)
        wanted += float(health["attributable_deaths"][i, 0, 0]) * of_age * who[i, a, g] / who[i, a].sum()
    assert float(health["people_deaths"][m, a, g, 0, 0]) == pytest.approx(wanted, rel=1e-10)


def test_without_characteristics_there_are_no_synthetic_people(region, tmp_path):
    layout = region.write(tmp_path)
    run_health(parse_config(ONE), layout, SerialBackend())
    assert "synthetic_people" not in open_store(layout.store("health"), "health")


def test_margins_of_another_year_are_scaled_and_an_age_without_sample_is_told(region, tmp_path):
    region.groups = True
    layout = region.write(tmp_path)
    areas, people = (open_store(layout.store(n), n).load() for n in ("areas", "people"))
    doubled = people.assign(persons=2 * people["persons"])
    np.testing.assert_array_equal(people_by_group(areas, doubled, 1), people_by_group(areas, people, 1))
    young = people.isel(sample=people["sample_age"].to_numpy() < 65)
    with pytest.raises(InputError, match=r"nobody of the age groups from 65, 75; wanted people"):
        people_by_group(areas, young, 1)
