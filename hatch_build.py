"""Put the workflow into the wheel: whoever installs it gets what `lcr run` needs, and `lcr init` lays it out.

Not for a checkout: there the files lie where they are, and a folder `lcr_hpc` in site-packages would hide the package.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProjectFiles(BuildHookInterface):
    """Adds Snakefile, workflows, configs and slurm as `lcr_hpc/project`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend what a standard wheel holds."""
        if version != "editable":
            for part in ("Snakefile", "workflows", "configs", "slurm"):
                build_data["force_include"][part] = f"lcr_hpc/project/{part}"
