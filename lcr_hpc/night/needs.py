"""What a stage asks a cluster for: memory and time by the size of the night, more of both after a failure."""

from __future__ import annotations

from lcr_hpc.config import Config
from lcr_hpc.night.history import stage_work

MEMORY_MB = {"traffic": 3500, "carbon": 4000, "health": 4000}
"""Of a night no larger than the default, 989 areas: a core of traffic, a node of the others."""
OTHER_MEMORY_MB = 4000
MINUTES = {"traffic": 120, "carbon": 120, "health": 60}
OTHER_MINUTES = 30


def memory_mb(stage: str, config: Config, attempt: int = 1) -> int:
    """Memory of a stage, MB: a core of traffic, a node of any other stage.

    Parameters
    ----------
    stage : str
        Of `STAGES`.
    config : Config
        Stores grow with areas; a night smaller than the default asks for no less.
    attempt : int
        1 for the first; each further one, after whatever failure, asks for twice as much.
    """
    growth = max(config.twin.areas / Config().twin.areas, 1.0)
    return round(MEMORY_MB.get(stage, OTHER_MEMORY_MB) * growth) << (attempt - 1)


def runtime_min(stage: str, config: Config, attempt: int = 1) -> int:
    """Walltime of a stage, minutes: grows with its work, and doubles with each attempt."""
    growth = max(stage_work(stage, config) / stage_work(stage, Config()), 1.0)
    return round(MINUTES.get(stage, OTHER_MINUTES) * growth) << (attempt - 1)
