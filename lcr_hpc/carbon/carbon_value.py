"""What a tonne that is not emitted is worth, and what a later year's pound is worth today."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.errors import InputError

SERIES = ("low", "central", "high")
"""The three published series of carbon values."""
CARBON_VALUE_PRICE_YEAR = 2022
"""Year of the pounds of the carbon values."""
CARBON_VALUE_SOURCE = "DESNZ 2023, consolidated series (carbon_values_desnz2023.csv)"
DISCOUNT_SOURCE = "HM Treasury Green Book, standard rate (discount_rates_green_book.csv)"


def carbon_values(years: NDArray[np.int64], folder: Path | None = None) -> NDArray[np.float64]:
    """Value of a tonne of CO2e by year of emission.

    Parameters
    ----------
    years : int[year]
        2020 to 2050.
    folder : Path, optional
        Folder of the coefficient tables.

    Returns
    -------
    float64[series, year]
        £ of `CARBON_VALUE_PRICE_YEAR` per tonne, in the order of `SERIES`.

    Raises
    ------
    InputError
        Years that have no published value: none is extrapolated.
    """
    table = coefficient_table("carbon_values_desnz2023", folder).set_index("year")
    asked = np.atleast_1d(np.asarray(years, dtype=np.int64))
    unknown = sorted(set(asked.tolist()) - set(table.index.tolist()))
    if unknown:
        raise InputError(
            f"years {unknown[0]} to {unknown[-1]} have no carbon value: "
            f"carbon_values_desnz2023.csv holds {table.index.min()} to {table.index.max()}",
            field="years",
        )
    return np.ascontiguousarray(table.loc[asked, list(SERIES)].to_numpy(dtype=np.float64).T)


def discount_factors(years: NDArray[np.int64], present_year: int, folder: Path | None = None) -> NDArray[np.float64]:
    """Present value of a pound of each year: the product of 1/(1 + rate) over the years since the present.

    Parameters
    ----------
    years : int[year]
        From the present year to 75 years after it.
    present_year : int
        Whose pounds count in full.
    folder : Path, optional
        Folder of the coefficient tables.

    Returns
    -------
    float64[year]
        1 in the present year; 3.5 % a year less for 30 years, 3.0 % a year less from then on.

    Raises
    ------
    InputError
        Years before the present, or beyond the published rates.
    """
    table = coefficient_table("discount_rates_green_book", folder)
    later = np.atleast_1d(np.asarray(years, dtype=np.int64)) - present_year
    last = int(table["to_year"].max())
    if later.size and (later.min() < 0 or later.max() > last):
        raise InputError(
            f"years {int(later.min()) + present_year} to {int(later.max()) + present_year}: wanted {present_year}, the "
            f"present, to {present_year + last}, the last year with a published discount rate",
            field="years",
        )
    factor = np.ones(later.size)
    for first, final, rate in table[["from_year", "to_year", "rate"]].itertuples(index=False):
        factor *= (1.0 + rate) ** -np.clip(later - (first - 1), 0, final - first + 1)
    return factor
