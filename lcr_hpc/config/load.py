"""The whole config, and how a file of overrides becomes one: all its problems in one message."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from lcr_hpc.config.appraisal import AppraisalConfig
from lcr_hpc.config.carbon import CarbonConfig
from lcr_hpc.config.feeds import SpineConfig, TwinConfig
from lcr_hpc.config.health import HealthConfig
from lcr_hpc.config.running import ComputeConfig, NightlyConfig, PublishConfig
from lcr_hpc.config.section import Section
from lcr_hpc.config.traffic import TrafficConfig
from lcr_hpc.errors import ConfigError, raise_all

BASE = "base"
"""The scenario that all others differ from."""


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

    @model_validator(mode="after")
    def _changes_are_a_scenario_s(self) -> Config:
        if self.traffic.changes and self.scenario == BASE:
            raise ValueError(
                "traffic.changes make a scenario: give it a name, `scenario: bypass`; the base has no changes"
            )
        return self

    def section(self, name: str) -> dict[str, Any]:
        """One section as plain JSON values, for fingerprints and rerun decisions."""
        section: dict[str, Any] = getattr(self, name).model_dump(mode="json")
        return section


def load_config(path: Path | None = None) -> Config:
    """Read a file of overrides over the defaults, and over the file that it `extends`, if it says so.

    Raises
    ------
    ConfigError
        All problems at once: unknown keys with the nearest known name, wrong types, values out of range.
    """
    return Config() if path is None else parse_config(_expand(_read(path, ())), where=str(path))


def _read(path: Path, below: tuple[Path, ...]) -> dict[str, Any]:
    """Read a file and, under it, the one that it `extends`; its name is the first one's, and so is its root."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        said = f", which {below[-1]} extends" if below else ""
        raise ConfigError(f"no config file {path}{said}; see configs/ for examples, or run `lcr init`") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path} is not readable YAML: {' '.join(str(error).split())}") from None
    if raw is None:
        raw = {}
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: found {type(raw).__name__} at the top, wanted `section: …` lines")
    if "extends" not in raw:
        return {"name": path.stem, **raw}
    given = raw.pop("extends")
    if not isinstance(given, str):
        raise ConfigError(f"{path}: `extends` is {given!r}, wanted the path of one config file, seen from this one")
    known = (*below, path)
    lower = path.parent / _expand(given)
    if any(lower.resolve() == p.resolve() for p in known):
        raise ConfigError(f"{path}: `extends: {given}` leads back to a file that extends it; name another")
    return _over(_read(lower, known), raw)


def _over(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """Lay one file's values over another's, section by section; lists are taken whole."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


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
    model: type[BaseModel] = Config
    choice: list[type[BaseModel]] = []
    for part in location:
        if choice and (named := [m for m in choice if part in get_args(_kind(m))]):
            model, choice = named[0], []
        elif isinstance(part, str) and part in model.model_fields:
            found = list(_models(model.model_fields[part].annotation))
            if len(found) > 1:
                choice = found
            elif found:
                model = found[0]
    return list(model.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Sections that a field may hold, itself or in lists and mappings."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _kind(model: type[BaseModel]) -> Any:
    field = model.model_fields.get("kind")
    return field.annotation if field else None


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
