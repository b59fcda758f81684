"""What a person asked for, checked before anything changes on disk and kept in <root>/run for `lcr resume`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lcr_hpc.config import Config, FeedConfig, dump_config
from lcr_hpc.errors import raise_all
from lcr_hpc.night.calls import find_profile
from lcr_hpc.night.stages import last_stage, stages_until
from lcr_hpc.store.base import is_scenario, read_base
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import write_text

CONFIG_FILE = "config.yaml"
REQUEST_FILE = "request.json"


@dataclass(frozen=True)
class Request:
    """How a run was asked for, besides its config."""

    profile: str = "local"
    cores: int | None = None
    targets: tuple[str, ...] = ()


def check(config: Config, request: Request) -> None:
    """Refuse a target, a profile or a feed that is not there.

    Raises
    ------
    ConfigError, InputError
        With every missing feed at once.
    """
    last_stage(request.targets)
    find_profile(request.profile)
    named = {f"spine.feeds.{name}": feed for name, feed in config.spine.feeds.items()}
    raise_all(
        f"`{name}.path`: no file {feed.path} (looked from {Path.cwd()})"
        for name, feed in named.items()
        if not Path(feed.path).exists()
    )


def check_base(config: Config, layout: Layout, request: Request) -> None:
    """Refuse a scenario whose base has not been run, when its traffic is asked for: an `InputError` says what to do."""
    if is_scenario(config) and "traffic" in stages_until(last_stage(request.targets)):
        read_base(config, layout)


def absolute_feeds(config: Config) -> Config:
    """Paths of feeds from the root of the disk: stages run in another folder."""
    feeds = {name: _absolute(feed) for name, feed in config.spine.feeds.items()}
    return config.model_copy(update={"spine": config.spine.model_copy(update={"feeds": feeds})})


def _absolute(feed: FeedConfig) -> FeedConfig:
    return feed.model_copy(update={"path": str(Path(feed.path).resolve())})


def write_request(run_dir: Path, config: Config, request: Request) -> None:
    """Keep the whole config, defaults included, and the request."""
    run_dir.mkdir(parents=True, exist_ok=True)
    write_text(run_dir / CONFIG_FILE, dump_config(absolute_feeds(config)))
    write_text(run_dir / REQUEST_FILE, json.dumps(asdict(request)) + "\n")


def read_request(run_dir: Path) -> Request:
    """What was asked for last in a root; the defaults when nothing was."""
    try:
        raw = json.loads((run_dir / REQUEST_FILE).read_text(encoding="utf-8"))
        return Request(raw["profile"], raw["cores"], tuple(raw["targets"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Request()
