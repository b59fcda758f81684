from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon import territorial_baseline
from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.carbon.territory import SECTOR_GROUPS
from lcr_hpc.config import coefficients_dir
from lcr_hpc.errors import InputError


def test_published_totals_of_2010():
    # DECC 2005-2010, end user, kt
    base = territorial_baseline(2010)
    totals = dict(zip(base.districts, base.co2_kt.sum(axis=1), strict=True))
    published = {"Liverpool": 2577.6, "Wirral": 1710.4, "Halton": 1670.7}
    published |= {"St. Helens": 1618.2, "Sefton": 1478.6, "Knowsley": 1158.2}
    assert totals == pytest.approx(published, abs=0.05)
    assert base.co2_kt.sum() == pytest.approx(10_213.8, abs=0.05)


def test_groups_hold_each_sector_once_and_add_up():
    base = territorial_baseline()
    assert sorted(s for members in SECTOR_GROUPS.values() for s in members) == sorted(base.sectors)
    groups = base.by_group()
    assert sum(groups.values()) == pytest.approx(base.co2_kt.sum(axis=1), rel=1e-12)
    # A roads 850.59, motorways 420.25, minor roads 910.67, other 9.05
    assert groups["road"].sum() == pytest.approx(2190.56, abs=0.005)


def test_every_number_is_the_published_one(test_data):
    published = pd.read_csv(test_data / "carbon" / "lcr_decc_ukregco2_2005_2010.csv")
    mine = coefficient_table("territorial_co2_lcr").melt(["year", "code", "district"], var_name="sector")
    assert len(mine) == len(published) == 504
    values = ["yr", "lau", "CO2"]
    theirs = published[values].sort_values(values).to_numpy(dtype=object)
    ours = mine[["year", "district", "value"]].sort_values(["year", "district", "value"]).to_numpy(dtype=object)
    assert (theirs == ours).all()
    names = {"road_motorways": "Road Transport (Motorways)", "domestic_gas": "Domestic Gas"}
    names |= {"large_installations": "Large Industrial Installations", "land_use": "LULUCF Net Emissions"}
    for short, long in names.items():
        of_sector = published[published["sector"] == long].set_index(["yr", "lau"])["CO2"]
        same = mine[mine["sector"] == short].set_index(["year", "district"])["value"]
        assert (same == of_sector.loc[same.index]).all()


def test_a_year_that_is_not_there_and_a_table_without_a_sector_are_refused(tmp_path):
    with pytest.raises(InputError, match="year 2019: found 2005 to 2010"):
        territorial_baseline(2019)
    table = pd.read_csv(coefficients_dir() / "territorial_co2_lcr.csv", comment="#").drop(columns="railways")
    table.to_csv(tmp_path / "territorial_co2_lcr.csv", index=False)
    with pytest.raises(InputError, match="railways not both in the table"):
        territorial_baseline(2010, tmp_path)
    assert np.isfinite(territorial_baseline(2005).co2_kt).all()
