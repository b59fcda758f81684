"""Deaths by cause, residents by group and ranks by domain: feeds of people beside the ones every night has."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.areas import ingest_areas
from lcr_hpc.spine.ingest.mortality import ingest_mortality
from lcr_hpc.spine.ingest.people import ingest_people
from lcr_hpc.spine.twin.people_groups import make_groups
from lcr_hpc.store.slabs import open_store


def entry_of(layout, name, like="mortality"):
    """A catalogue entry for a folder, as another dataset's."""
    told = json.loads((layout.incoming / like / "dataset.json").read_text())
    (layout.incoming / name).mkdir(exist_ok=True)
    (layout.incoming / name / "dataset.json").write_text(json.dumps(told | {"identifier": name}))


def thinned(layout, **shares):
    """The twin's deaths, a share of each row taken for each cause."""
    deaths = pd.read_csv(layout.incoming / "mortality" / "deaths.csv")
    parts = [deaths.assign(cause=name, deaths=(share * deaths["deaths"]).astype(int)) for name, share in shares.items()]
    return pd.concat(parts)[[c.name for c in DATASETS["deaths_by_cause"].tables["*.csv"]]]


def test_deaths_by_cause_stand_beside_those_of_all_causes(town):
    layout = town[1]
    entry_of(layout, "deaths_by_cause")
    thinned(layout, respiratory=0.25, cardiovascular=0.5).to_csv(
        layout.incoming / "deaths_by_cause" / "c.csv", index=False
    )
    areas, _ = ingest_areas(layout)
    ingest_mortality(layout, areas)()
    store = open_store(layout.store("mortality"), "mortality").load()
    assert [str(c) for c in store["death_cause"].to_numpy()] == ["cardiovascular", "respiratory"]
    whole = store["deaths"].to_numpy()
    np.testing.assert_array_equal(store["deaths_by_cause"].to_numpy(), np.stack([whole // 2, whole // 4], axis=2))


def test_deaths_by_cause_that_cannot_be_are_told_together(town):
    layout = town[1]
    entry_of(layout, "deaths_by_cause")
    table = thinned(layout, respiratory=2.0, cardiovascular=0.5, cancer=0.2)
    table.loc[table["cause"] == "cardiovascular", "last_year"] += 1
    table = table[~((table["cause"] == "cancer") & (table["age_band"] == 5))]
    table.to_csv(layout.incoming / "deaths_by_cause" / "c.csv", index=False)
    areas, _ = ingest_areas(layout)
    with pytest.raises(InputError) as told:
        ingest_mortality(layout, areas)
    for part in ("more deaths of 'respiratory' than of all causes in", "'cardiovascular' is counted over 2020 to 2025",
                 "age bands 0, 1, 5, 10 … 90 of 'cancer'"):  # fmt: skip
        assert part in str(told.value)


def test_residents_by_group_add_up_and_follow_the_rules(landed):
    layout = landed[1]
    store = open_store(layout.store("people"), "people").load()
    areas, _ = ingest_areas(layout)
    assert [str(c) for c in store["category"].to_numpy()] == ["female", "male", "disabled", "not disabled"]
    persons, residents = store["persons"].to_numpy(), areas.people.population.sum(axis=1)
    np.testing.assert_array_equal(persons[:, :2].sum(axis=1), residents)
    np.testing.assert_array_equal(persons[:, 2:].sum(axis=1), residents)
    # Steeper where deprivation is higher.
    assert np.corrcoef(areas.people.rank, persons[:, 2] / residents)[0, 1] < -0.5
    sample = store["sample_persons"].to_numpy()
    assert sample.sum() == pytest.approx(residents.sum(), abs=0.1)
    of_old = store["sample_age"].to_numpy() == 75
    ill = store["sample_category"].to_numpy()[:, 1] == 2
    assert sample[of_old & ill].sum() / sample[of_old].sum() > sample[ill].sum() / sample.sum()
    assert make_groups(areas.people).sample[0][1] == ("female", "disabled")


def test_residents_by_group_that_do_not_fit_are_told(town):
    layout = town[1]
    folder = layout.incoming / "people_groups"
    areas, _ = ingest_areas(layout)
    margins, sample = (pd.read_csv(folder / f"{n}.csv") for n in ("margins", "sample"))
    code = margins["lsoa11_code"][0]
    broken = margins.assign(persons=margins["persons"].mask(margins["lsoa11_code"] == code, 0))
    pd.concat([broken, broken.tail(1)]).to_csv(folder / "margins.csv", index=False)
    with pytest.raises(InputError, match=rf"(?s)have a category twice.*nobody of any sex where people live: {code}"):
        ingest_people(layout, areas)
    margins.to_csv(folder / "margins.csv", index=False)
    sample.assign(sex=sample["sex"].replace("male", "men")).to_csv(folder / "sample.csv", index=False)
    with pytest.raises(InputError, match="`sex` has men, which the margins do not have"):
        ingest_people(layout, areas)


def test_ranks_of_domains_are_stored_by_the_feed_s_names(town):
    layout = town[1]
    path = layout.incoming / "deprivation" / "deprivation.csv"
    table = pd.read_csv(path, dtype=str).assign(Income_rank=lambda t: t["IMD_rank"], Crime_rank="")
    table.to_csv(path, index=False)
    areas, write = ingest_areas(layout)
    write()
    store = open_store(layout.store("areas"), "areas").load()
    assert [str(d) for d in store["deprivation_domain"].to_numpy()] == ["Income_rank", "Crime_rank"]
    np.testing.assert_array_equal(store["domain_rank"].to_numpy()[:, 0], areas.people.rank)
    assert (store["domain_rank"].to_numpy()[:, 1] == -1).all()
    table.assign(Income_rank="0").to_csv(path, index=False)
    with pytest.raises(InputError, match="`Income_rank` is no rank of 1 to 32,844 in "):
        ingest_areas(layout)
