"""The whole config, and how a file of overrides becomes one: all its problems in one message."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Field, ValidationError

from lcr_hpc.config.appraisal import AppraisalConfig
from lcr_hpc.config.carbon import CarbonConfig
from lcr_hpc.config.feeds import FeedConfig, SpineConfig, TwinConfig
from lcr_hpc.config.health import HealthConfig
from lcr_hpc.config.running import ComputeConfig, NightlyConfig, PublishConfig
from lcr_hpc.config.section import Section
from lcr_hpc.config.traffic import PeriodConfig, TrafficConfig
from lcr_hpc.errors import ConfigError, raise_all


class Config(Section):
    """A night: which day, which scenario, and each stage's settings."""

    name: str = Field("default", pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Names the run folder")
    night: dt.date = Field(dt.date(2025, 10, 15), description="Local civil day that the night's run is about")
    scenario: str = Field("base", pattern=r"^[a-z0-9][a-z0-9_-]*$", description="base, or a named difference from it")
    spine: SpineConfig = SpineConfig()
    twin: TwinConfig = TwinConfig()
    traffic: TrafficConfig = TrafficConfig()
    carbon: CarbonConfig = CarbonConfig()
    health: HealthConfig = HealthConfig()
    appraisal: AppraisalConfig = AppraisalConfig()
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
