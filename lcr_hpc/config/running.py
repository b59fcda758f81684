"""Settings of how a night is run and released: where, by whom, until when, and what leaves the house."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lcr_hpc.config.section import Positive, Section


class PublishConfig(Section):
    """What leaves the house."""

    tier: Literal["open", "shared"] = Field("open", description="Tier of the release: no input may be stricter")
    keep: int = Field(30, ge=1, description="Snapshots kept; older ones are removed, `latest` never")
    suppress_below: int = Field(
        8, ge=1, description="Counts from 1 to one less are left out of a release, and others that would tell them"
    )
    least_interval: int = Field(
        3, ge=1, description="Least width of what anyone can work out of a suppressed count from all that is shown"
    )


class SlurmWorkersConfig(Section):
    """A Dask worker as a Slurm job of its own, submitted from a login node (`compute.backend: dask-slurm`)."""

    partition: str | None = Field(None, description="Partition; null = the cluster's default")
    account: str | None = Field(None, description="Account that pays; null = yours")
    memory_mb: int = Field(4000, ge=100, description="Memory of a worker")
    walltime_min: int = Field(60, ge=2, description="Time limit; a worker leaves five minutes before and is replaced")
    interface: str | None = Field(None, description="Network interface that Dask talks through, such as ib0")


class ComputeConfig(Section):
    """How to run: no result depends on it."""

    backend: Literal["serial", "dask", "dask-slurm"] = Field(
        "serial",
        description="Where carbon and health map their slabs: in one process, on Dask workers of this machine (or of "
        "the allocation, where srun has started several tasks), on Dask workers submitted from a login node",
    )
    workers: int = Field(2, ge=1, description="Dask workers")
    ranks: int = Field(1, ge=1, description="MPI ranks of the traffic stage")
    threads: int = Field(1, ge=1, description="Blocks of origins that a rank works on at once")
    slurm_workers: SlurmWorkersConfig = SlurmWorkersConfig()
    keep_solution: bool = Field(
        True,
        description="Keep the paths of the base's traffic beside its store, 1.6 MB a period at 1,003 zones: scenarios "
        "begin from them",
    )
    checkpoint_seconds: Annotated[float, Field(ge=0)] = Field(
        60.0,
        description="Least time between two checkpoints of a stage: traffic's iterations, the slabs that a worker of "
        "carbon and health has finished; 0 = after every one",
    )


class NightlyConfig(Section):
    """The unattended night: no result depends on it."""

    lag_days: int = Field(1, ge=0, description="Days between a night and the calendar day on which it is run")
    catch_up: int = Field(7, ge=0, description="Missed nights that are run before tonight's, oldest first")
    deadline: str | None = Field(
        None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Local clock time, HH:MM, at which a run is stopped"
    )
    keep_nights: int = Field(30, ge=1, description="Nights whose model stores are kept; releases: `publish.keep`")
    hook: tuple[str, ...] = Field(
        (), description="Command that is called at the end: the summary comes on stdin, its facts in LCR_NIGHT_…"
    )
    webhook: str | None = Field(
        None, pattern=r"^https?://", description="Address that the summary is posted to, as JSON"
    )
    watts_per_core: Positive = Field(
        10.0, description="Power of a core in use, its share of the node and its cooling included: an assumption"
    )
    grid_kgco2e_per_kwh: Positive = Field(
        0.177, description="Carbon intensity of electricity: UK, 2025, generation (DESNZ conversion factors)"
    )
