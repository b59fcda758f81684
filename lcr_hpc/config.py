"""Every setting of a night, as frozen models; configs/default.yaml and schema.json are made from them.

A config file holds overrides only. Sections are what decides a rerun: a changed `carbon` section re-runs
carbon and what follows, never traffic. `compute` says how to run, not what: it is part of no result.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lcr_hpc.errors import ConfigError, raise_all

Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FeedConfig(_Section):
    """A file that takes the place of the twin's feed."""

    path: str = Field(description="File; ${NAME} is taken from the environment, ${NAME:-text} with a default")
    title: str = Field(description="Title for the catalogue and the report")
    nature: Literal["real", "modelled", "synthetic"] = Field(description="What kind of numbers these are")
    licence: str = Field(description="Licence, as the owner states it")
    attribution: str = Field(description="Who must be named where results are shown")
    tier: Literal["open", "shared", "closed"] = Field("open", description="Access tier")
    year: int | None = Field(None, ge=1900, le=2100, description="Year of a table of figures that does not say it")


class SpineConfig(_Section):
    """Which feeds land in the stores."""

    feeds: dict[str, FeedConfig] = Field(
        default_factory=dict, description="Files in place of the twin's, by dataset: boundaries, lookup, population, …"
    )


class TwinConfig(_Section):
    """The synthetic Digital Spine of a Liverpool-like city region."""

    areas: int = Field(989, ge=20, description="Small areas; with real geography the first so many around the centre")
    days: int = Field(1, ge=1, le=366, description="Days of observations that end with the night")
    seed: int = Field(2040, ge=0, description="Seed of every random number of the twin")
    geography: Literal["auto", "real", "generated"] = Field(
        "auto",
        description="real: the LSOAs of the extra [twin]; generated: a disc of made-up areas; auto: real if installed",
    )
    daily_trips_per_person: Positive = Field(1.1, description="Vehicle trips per resident on a weekday")
    scale_to_road_traffic: bool = Field(
        False,
        description="Multiply all demand with one factor, so that a rough loading has the region's published "
        "vehicle-km of the night's year (`spine.feeds.road_traffic`); no district's own figure is used",
    )


DayType = Literal["weekday", "saturday", "sunday"]


class PeriodConfig(_Section):
    """A part of the local day of some types of day, with one demand."""

    label: str
    day_types: tuple[DayType, ...] = Field(
        min_length=1,
        description="weekday, saturday, sunday (bank holidays are sunday): the first one's demand is assigned, the "
        "others borrow its traffic",
    )
    hours: tuple[int, ...] = Field(description="Local clock hours, 0 to 23")


def _hourly_periods() -> tuple[PeriodConfig, ...]:
    """24 hours of a weekday and 24 of a Sunday, whose traffic Saturdays borrow: no commuters' peaks."""
    days: tuple[tuple[DayType, ...], ...] = (("weekday",), ("sunday", "saturday"))
    return tuple(PeriodConfig(label=f"{d[0]} {h:02d}", day_types=d, hours=(h,)) for d in days for h in range(24))


class TrafficConfig(_Section):
    """User equilibrium by period."""

    relative_gap: Positive = Field(1e-5, description="Stop when the exact relative gap is at or below this")
    max_iterations: int = Field(200, ge=1)
    origin_blocks: int | None = Field(
        None, ge=1, description="Blocks of origins: a setting of the problem, never of the machine; null = by its size"
    )
    periods: tuple[PeriodConfig, ...] = Field(
        default_factory=_hourly_periods, description="All are assigned every night; its own day uses those of its type"
    )
    skim_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(
        (8,), description="Periods that hold one of these local clock hours get skims, time and distance between zones"
    )

    @model_validator(mode="after")
    def _every_hour_once(self) -> TrafficConfig:
        for day_type in get_args(DayType):
            hours = sorted(h for p in self.periods if day_type in p.day_types for h in p.hours)
            if hours != list(range(24)):
                raise ValueError(
                    f"periods must hold each local clock hour 0 to 23 of a {day_type} exactly once; name `{day_type}` "
                    "in the `day_types` of the periods that stand for it"
                )
        if len({p.label for p in self.periods}) != len(self.periods):
            raise ValueError("period labels must differ")
        return self


class PointSourcesConfig(FeedConfig):
    """Large installations: a row each with its district, year and what it emitted."""

    unit: Literal["t CO2", "t C"] = Field(
        description="What the column `value` counts: CO2, or the carbon in it (the national inventory's maps do)"
    )
    leave_out: tuple[str, ...] = Field(
        ("Major power producers", "Minor power producers"),
        description="Values of the column `sector` that are not counted: electricity is counted where it is used",
    )


class CarbonConfig(_Section):
    """Emissions and concentrations of road traffic."""

    fleet_year: int = Field(
        2025, description="Year of the fleet-average emission curves: 2016, 2018, 2020, 2022, 2025 or 2030"
    )
    vehicle_mix: dict[str, dict[str, Fraction]] = Field(
        default_factory=lambda: {
            "motorway": {"car": 0.747, "lgv": 0.150, "hgv": 0.100, "bus": 0.003},
            "a_road": {"car": 0.810, "lgv": 0.133, "hgv": 0.049, "bus": 0.008},
            "minor_road": {"car": 0.861, "lgv": 0.117, "hgv": 0.009, "bus": 0.013},
            "connector": {"car": 0.861, "lgv": 0.117, "hgv": 0.009, "bus": 0.013},
        },
        description="Share of each vehicle class in the flow by road class, summing to 1. The default is what "
        "DfT counted in Leeds in 2019 (AADF): an assumption here",
    )
    grid_cell_m: Positive = Field(100.0, description="Side of a cell of the emission grid")
    dispersion: Literal["rline-tabulated", "rline", "briggs"] = Field(
        "rline-tabulated",
        description="Method of the day: R-LINE tabulated, R-LINE in full (tens of times slower), or a simple plume. "
        "The annual mean is R-LINE's always",
    )
    roughness_m: Annotated[float, Field(gt=0, le=1.5)] = Field(
        0.5, description="Roughness length of the town: 0.5 open suburbs, 1 dense streets"
    )
    receptor_grid_m: Annotated[float, Field(ge=20)] | None = Field(
        None, description="Side of a cell of a grid of receptors beside the population points; null = none"
    )
    far_field_opening: Annotated[float, Field(ge=0, le=0.5)] = Field(
        0.1, description="Annual mean: a square of roads within this share of its distance counts as one source"
    )
    cutoff_m: Positive = Field(
        10000.0, description="Roads farther than this from a receptor are left out of the day's increment"
    )
    source_height_m: Positive = Field(1.0, description="Height of the road source")
    initial_sigma_z_m: Positive = Field(2.0, description="Vertical spread at the road, by vehicle wakes")
    minimum_wind_m_s: Positive = Field(1.0, description="Calm hours are computed at this wind speed, and counted")
    energy_year: int = Field(
        2023, description="Year of the CO2e of gas and electricity in the territorial total, as energy_co2_desnz.csv"
    )
    point_sources: PointSourcesConfig | None = Field(
        None, description="File of large installations for the territorial total; null = that sector is left out"
    )
    background_ug_m3: dict[str, float] = Field(
        default_factory=dict,
        description="Background by pollutant where the air feed has none; empty = the feed must have it",
    )

    @field_validator("vehicle_mix")
    @classmethod
    def _shares_sum_to_one(cls, mix: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        wrong = [f"{road} sums to {sum(s.values()):.4f}" for road, s in mix.items() if abs(sum(s.values()) - 1) > 1e-9]
        if wrong:
            raise ValueError("the shares of each road class must sum to 1: " + ", ".join(wrong))
        return mix


class HealthConfig(_Section):
    """Burden and inequality."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    relative_risk: str = Field("PM2.5 all-cause 30+", description="Row of configs/coefficients/relative_risk.csv")
    counterfactual_ug_m3: Annotated[float, Field(ge=0)] = Field(
        0.0, description="PM2.5 below which no burden is counted"
    )
    draws: int = Field(1000, ge=2, le=100_000, description="Joint draws of risk, exposure and baseline")
    seed: int = Field(2040, ge=0, description="Seed of the draws")
    exposure_error: Annotated[float, Field(ge=0, le=2)] = Field(
        0.1, description="Relative standard error of an area's concentration, drawn per area: an assumption"
    )
    access_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(
        (8, 13, 18), min_length=1, description="Local clock hours whose travel times access is computed from"
    )
    access_method: Literal["2sfca", "e2sfca", "3sfca", "raam"] = Field(
        "e2sfca",
        description="Floating catchment; e2sfca and 3sfca with a Gaussian of a third of the reach: an assumption",
    )
    reach_min: dict[str, Positive] = Field(
        default_factory=lambda: {"gp": 15.0, "hospital": 30.0, "emergency": 30.0, "employment": 45.0},
        description="Minutes by car within which a service is in reach (raam: minutes to avoid the mean crowding); a "
        "kind that is left out is not computed",
    )


class PublishConfig(_Section):
    """What leaves the house."""

    tier: Literal["open", "shared"] = Field("open", description="Tier of the release: no input may be stricter")
    keep: int = Field(30, ge=1, description="Snapshots kept; older ones are removed, `latest` never")


class SlurmWorkersConfig(_Section):
    """A Dask worker as a Slurm job of its own, submitted from a login node (`compute.backend: dask-slurm`)."""

    partition: str | None = Field(None, description="Partition; null = the cluster's default")
    account: str | None = Field(None, description="Account that pays; null = yours")
    memory_mb: int = Field(4000, ge=100, description="Memory of a worker")
    walltime_min: int = Field(60, ge=2, description="Time limit; a worker leaves five minutes before and is replaced")
    interface: str | None = Field(None, description="Network interface that Dask talks through, such as ib0")


class ComputeConfig(_Section):
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
    checkpoint_seconds: Annotated[float, Field(ge=0)] = Field(
        60.0, description="Least time between two checkpoints of the traffic stage; 0 = after every iteration"
    )


class NightlyConfig(_Section):
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


class Config(_Section):
    """A night: which day, which scenario, and each stage's settings."""

    name: str = Field("default", pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Names the run folder")
    night: dt.date = Field(dt.date(2025, 10, 15), description="Local civil day that the night's run is about")
    scenario: str = Field("base", pattern=r"^[a-z0-9][a-z0-9_-]*$", description="base, or a named difference from it")
    spine: SpineConfig = SpineConfig()
    twin: TwinConfig = TwinConfig()
    traffic: TrafficConfig = TrafficConfig()
    carbon: CarbonConfig = CarbonConfig()
    health: HealthConfig = HealthConfig()
    publish: PublishConfig = PublishConfig()
    compute: ComputeConfig = ComputeConfig()
    nightly: NightlyConfig = NightlyConfig()

    def section(self, name: str) -> dict[str, Any]:
        """One section as plain JSON values, for fingerprints and rerun decisions."""
        section: dict[str, Any] = getattr(self, name).model_dump(mode="json")
        return section


def load_config(path: Path | None = None) -> Config:
    """Read a file of overrides over the defaults.

    Raises
    ------
    ConfigError
        All problems at once: unknown keys with the nearest known name, wrong types, values out of range.
    """
    if path is None:
        return Config()
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"no config file {path}; see configs/ for examples, or run `lcr init`") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path} is not readable YAML: {' '.join(str(error).split())}") from None
    if raw is None:
        raw = {}
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: found {type(raw).__name__} at the top, wanted `section: …` lines")
    raw.setdefault("name", path.stem)
    return parse_config(_expand(raw), where=str(path))


def parse_config(values: dict[str, Any], *, where: str = "config") -> Config:
    """Validate plain values as a `Config`; see `load_config` for errors."""
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise_all(_messages(error), ConfigError, title=f"{where} cannot be used")
        raise


def dump_config(config: Config) -> str:
    """Write a whole config as YAML that `load_config` reads back to the same `Config`."""
    text: str = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    return text


def config_schema() -> str:
    """JSON schema of a config file, for editors."""
    return json.dumps(Config.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def project_dir() -> Path:
    """Folder that holds Snakefile, workflows/ and configs/: the checkout's, else the copy inside the wheel."""
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / "Snakefile").is_file():
        return checkout
    return Path(__file__).resolve().parent / "project"


def coefficients_dir() -> Path:
    """Folder of the coefficient tables (CSV with source, year, unit, licence)."""
    return project_dir() / "configs" / "coefficients"


def _messages(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            yield f"`{where}` is no setting; {_nearest(problem['loc'])}"
        else:
            message = problem["msg"].removeprefix("Value error, ")
            found = "" if isinstance(problem.get("input"), dict) else f" (found {problem.get('input')!r})"
            yield f"`{where}`: {message}{found}"


def _nearest(location: tuple[int | str, ...]) -> str:
    names = _field_names(location[:-1])
    close = difflib.get_close_matches(str(location[-1]), names, n=1)
    return f"did you mean `{close[0]}`?" if close else "the section has: " + ", ".join(names)


def _field_names(location: tuple[int | str, ...]) -> list[str]:
    model: Any = Config
    for part in location:
        annotation = (
            model.model_fields[part].annotation if isinstance(part, str) and part in model.model_fields else None
        )
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
        elif location[0] == "spine" and len(location) > 2:
            model = FeedConfig
        elif part == "periods":
            model = PeriodConfig
    return list(model.model_fields)


def _expand(value: Any) -> Any:
    """Put environment variables into text: ${NAME} or ${NAME:-default}."""
    if isinstance(value, dict):
        return {k: _expand(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_expand(v) for v in value]
    if not isinstance(value, str):
        return value

    def fill(match: re.Match[str]) -> str:
        name, default = match[1], match[3]
        if (found := os.environ.get(name, default)) is None:
            raise ConfigError(
                f"`{value}` needs the environment variable {name}; set it, or write the path out", field=name
            )
        return found

    return re.sub(r"\$\{(\w+)(:-([^}]*))?\}", fill, value)
