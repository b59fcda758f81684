"""Tables of the pathway to net zero: emissions by year over the ensemble, and which uncertainty decides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lcr_hpc.publish.columns import Column
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest

C = Column
_QUANTILES = (5, 25, 50, 75, 95)
PATHWAY_USE = {"carbon": ("pathway_year", "pathway_quantile", "pathway_total_kt_year")}
PATHWAY = (
    C("year", "int64", "1", "Calendar year; the first is the base year, the night's"),
    *(
        C(f"kt_q{q:02d}", "float64", "kt/year", f"Greenhouse gas of all sectors that {q} % of the ensemble lie below")
        for q in _QUANTILES
    ),
)
SENSITIVITY_USE = {
    "carbon": ("pathway_result", "pathway_factor", "pathway_first_order", "pathway_total_order"),
}
SENSITIVITY = (
    C("result", "str", "", "cumulative: emissions after the base year; residual: emissions of the last year"),
    C("factor", "str", "", "Lever or parameter of the pathway, as the config names it"),
    C("first_order", "float64", "1", "Share of the result's variance that goes when the input is known; empty = none"),
    C(
        "total_order",
        "float64",
        "1",
        "Share of the variance left when all other inputs are known; empty = none",
    ),
)


def has_pathway(layout: Layout) -> bool:
    """Whether the night has a pathway: its year may be at or after the end year."""
    made = layout.manifest("carbon")
    return made.is_file() and "pathway_total_kt_year" in read_manifest(made).variables


def pathway(inputs: Inputs) -> pd.DataFrame:
    """A row a year."""
    carbon = inputs["carbon"]
    levels = np.round(100 * carbon["pathway_quantile"].to_numpy()).astype(int).tolist()
    total = carbon["pathway_total_kt_year"].to_numpy()
    columns = {f"kt_q{q:02d}": total[:, levels.index(q)] for q in _QUANTILES}
    return pd.DataFrame({"year": carbon["pathway_year"].to_numpy().astype(np.int64), **columns})


def sensitivity(inputs: Inputs) -> pd.DataFrame:
    """A row a result and factor."""
    carbon = inputs["carbon"]
    results, factors = ([str(v) for v in carbon[f"pathway_{d}"].to_numpy()] for d in ("result", "factor"))
    return pd.DataFrame(
        {
            "result": np.repeat(results, len(factors)),
            "factor": np.tile(factors, len(results)),
            "first_order": carbon["pathway_first_order"].to_numpy().ravel(),
            "total_order": carbon["pathway_total_order"].to_numpy().ravel(),
        }
    )
