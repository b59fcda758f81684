"""Coverage of what is landed once: how many of each district's places have residents, a rank, deaths."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr


def places_covered(areas: xr.Dataset, mortality: xr.Dataset | None) -> pd.DataFrame:
    """Count the places that have figures.

    Parameters
    ----------
    areas : Dataset
        The store of areas.
    mortality : Dataset or None
        msoa and deaths, where they may be read.

    Returns
    -------
    DataFrame
        what, district, district_name, places, places_there; first the whole region, then each district.
    """
    district = areas["area_district"].to_numpy()
    msoa = areas["area_msoa"].to_numpy()
    of_msoa = np.zeros(areas.sizes["msoa"], dtype=district.dtype)
    of_msoa[msoa] = district
    found = [
        ("small areas with residents", district, areas["population"].to_numpy().sum(axis=1) > 0),
        ("small areas with a rank of deprivation", district, areas["deprivation_rank"].to_numpy() > 0),
    ]
    if mortality is not None:
        here = dict(zip(areas["msoa"].to_numpy().tolist(), of_msoa, strict=True))
        names = mortality["msoa"].to_numpy().tolist()
        died = dict(zip(names, mortality["deaths"].to_numpy().sum(axis=1) > 0, strict=True))
        found.append(("MSOAs with deaths", of_msoa, np.array([bool(died.get(m, False)) for m in here])))
    codes, titles = areas["district"].to_numpy(), areas["district_name"].to_numpy()
    rows = []
    for what, where, there in found:
        rows.append((what, "all", "All", len(there), int(there.sum())))
        for k, (code, title) in enumerate(zip(codes, titles, strict=True)):
            rows.append((what, str(code), str(title), int((where == k).sum()), int(there[where == k].sum())))
    return pd.DataFrame(rows, columns=["what", "district", "district_name", "places", "places_there"])
