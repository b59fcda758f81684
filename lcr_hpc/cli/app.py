"""The command line's root, and the options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lcr_hpc.config import Config
    from lcr_hpc.store.layout import Layout

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Nightly traffic, carbon and health-inequality models of Liverpool City Region.",
)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="YAML file of overrides; without it, the defaults")]
RootOption = Annotated[Path | None, typer.Option("--root", help="Run folder; else LCR_ROOT, else ./runs/<config name>")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object, and nothing else, on stdout")]


def night_of(config: Path | None, root: Path | None) -> tuple[Config, Layout]:
    """Read a config, and find its run folder."""
    from lcr_hpc.config import load_config
    from lcr_hpc.store.layout import layout_of

    loaded = load_config(config)
    return loaded, layout_of(loaded, root)
