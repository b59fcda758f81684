"""One index out of several ranked domains, in the form that England's deprivation index uses."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float

_SCALE = 23.0


def composite_index(
    domain_ranks: ArrayLike, weights: ArrayLike | None = None, n_ranked: float | None = None
) -> FloatArray:
    """Weighted sum of exponentially transformed ranks: 0 (best) to 100 (worst).

    Parameters
    ----------
    domain_ranks : array_like, [domain, area]
        Rank in each domain, 1 = best, `n_ranked` = worst; NaN = not ranked. England's published ranks run the other
        way: pass n_ranked + 1 - rank.
    weights : array_like, [domain], optional
        Weight of each domain, scaled to add to 1; equal by default.
    n_ranked : float, optional
        Areas that were ranked: the national count where ranks are national. By default the areas given.

    Returns
    -------
    float64[area]
        NaN where a domain has no rank, since an index without one of its domains is another index.

    Raises
    ------
    InputError
        Ranks outside 0 < rank <= n_ranked, weights that do not fit or do not add to more than 0.

    Notes
    -----
    X = -23 ln(1 - R (1 - exp(-100/23))), R = rank/n_ranked: the worst tenth of areas takes half of the scale, so that a
    bad domain is hardly offset by a good one. Source: English Indices of Deprivation, technical report; Access to
    Healthy Assets and Hazards uses the same form.
    """
    ranks = as_float("domain_ranks", domain_ranks)
    if ranks.ndim != 2 or not ranks.size:
        raise InputError(f"domain_ranks: found shape {ranks.shape}; give [domain, area]", field="domain_ranks")
    share = np.ones(ranks.shape[0]) if weights is None else as_float("weights", weights)
    if share.shape != ranks.shape[:1] or not np.all(share >= 0.0) or not share.sum() > 0.0:
        raise InputError(
            f"weights: found {share}; give {ranks.shape[0]} numbers, 0 or more, not all 0", field="weights"
        )
    ranked = float(ranks.shape[1] if n_ranked is None else n_ranked)
    if np.any(ranks <= 0.0) or np.any(ranks > ranked) or not ranked > 0.0:
        raise InputError(
            f"domain_ranks: found {np.nanmin(ranks):g} to {np.nanmax(ranks):g}; wants 1 to n_ranked ({ranked:g})",
            field="domain_ranks",
        )
    reach = 1.0 - math.exp(-100.0 / _SCALE)
    transformed = -_SCALE * np.log1p(-(ranks / ranked) * reach)
    index = np.zeros(ranks.shape[1])
    for domain, part in zip(transformed, share / share.sum(), strict=True):
        index += part * domain
    return index
