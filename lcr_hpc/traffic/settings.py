"""What an assignment is asked for: one frozen object, no order of calls to know."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lcr_hpc.errors import ConfigError, raise_all

ALGORITHMS = ("bush",)
BLOCK_ZONES = 32
MOST_BLOCKS = 512


@dataclass(frozen=True)
class TrafficSettings:
    """Settings of `assign`.

    Parameters
    ----------
    relative_gap : float
        Stop when the exact relative gap is at or below this.
    toll_weight, distance_weight : float
        Cost of a unit of toll and of length, in the unit of time: cost = time + toll_weight · toll +
        distance_weight · length.
    origin_blocks : int or None
        Blocks that the origins are cut into: a setting of the problem, which decides the bytes of the answer,
        where the number of ranks and threads does not. One is the pure serial algorithm. None: by the number of
        zones.
    algorithm : str
        "bush".
    max_iterations : int
        Stop there, converged or not; the result says which.
    """

    relative_gap: float = 1e-6
    toll_weight: float = 0.0
    distance_weight: float = 0.0
    origin_blocks: int | None = None
    algorithm: str = "bush"
    max_iterations: int = 500

    def __post_init__(self) -> None:
        raise_all(self._problems(), ConfigError)

    def blocks(self, n_zones: int) -> int:
        """Count the blocks for a number of zones: one up to 128 zones, then one for every 32 of them."""
        if self.origin_blocks is not None:
            return min(self.origin_blocks, max(n_zones, 1))
        return 1 if n_zones <= 4 * BLOCK_ZONES else min(MOST_BLOCKS, math.ceil(n_zones / BLOCK_ZONES))

    def _problems(self) -> list[str]:
        found = []
        if not (math.isfinite(self.relative_gap) and self.relative_gap > 0):
            found.append(f"relative_gap is {self.relative_gap}, wanted a number above 0, such as 1e-6")
        for name in ("toll_weight", "distance_weight"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                found.append(f"{name} is {value}, wanted a number from 0 up")
        if self.origin_blocks is not None and self.origin_blocks < 1:
            found.append(f"origin_blocks is {self.origin_blocks}, wanted 1 or more, or None")
        if self.algorithm not in ALGORITHMS:
            found.append(f"no algorithm `{self.algorithm}`; there is: {', '.join(ALGORITHMS)}")
        if self.max_iterations < 1:
            found.append(f"max_iterations is {self.max_iterations}, wanted 1 or more")
        return found
