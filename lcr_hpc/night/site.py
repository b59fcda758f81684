"""What a profile says of its site: the modules that jobs need, and what each stage would ask Slurm for."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lcr_hpc.config import Config
from lcr_hpc.errors import ConfigError
from lcr_hpc.night.calls import find_profile
from lcr_hpc.night.plan import dry_run
from lcr_hpc.night.stages import STAGES
from lcr_hpc.store.layout import layout_of

MODULES_KEY = "lcr_modules"
TIMEOUT_S = 60


@dataclass(frozen=True)
class Ask:
    """What a stage asks Slurm for at its first attempt."""

    stage: str
    partition: str
    """"" = the cluster's default."""
    account: str
    """"" = the user's default."""
    launcher: str
    """What starts the tasks; "" = nothing does."""
    tasks: int
    cpus_per_task: int
    nodes: int
    """Least number of nodes; 1 where the profile leaves it to Slurm."""
    node_memory_mb: int
    """Of its fullest node."""
    minutes: int


def stage_asks(config: Config, profile: str) -> tuple[Ask, ...]:
    """Ask Snakemake itself what it would submit for a night that has not been run, in the order of the stages.

    Raises
    ------
    ConfigError, RunError
        When there is no such profile, or Snakemake does not take it.
    """
    with tempfile.TemporaryDirectory(prefix="lcr-site-") as scratch:
        events = dry_run(config, layout_of(config, Path(scratch)), profile, STAGES[-1], [])
    jobs = {e["rule_name"]: e for e in events if e["event"] == "job_info"}
    return tuple(_ask(jobs[stage]) for stage in STAGES if stage in jobs)


def modules_of(profile: str) -> tuple[str, ...]:
    """Modules that a profile names for its jobs; none where the site has no modules."""
    found: list[str] = []
    for file in find_profile(profile).glob("config*.yaml"):
        said = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("config") or {}
        if isinstance(said, dict):
            found += shlex.split(str(said.get(MODULES_KEY) or ""))
    return tuple(found)


def module_environment(modules: tuple[str, ...]) -> dict[str, str]:
    """Environment after `module load`, in a login shell as a person would have.

    Raises
    ------
    ConfigError
        When there is no `module` here, or it does not know one of them.
    """
    if not modules:
        return {}
    # `module` may fail with exit code 0 (Environment Modules 3); what it then says is on stderr alone.
    script = 'command -v module >/dev/null || exit 9; for m; do module load "$m" || exit 8; done; env -0'
    command = ["bash", "-lc", script, "bash", *modules]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"modules {' '.join(modules)}: {error}", field=MODULES_KEY) from None
    if done.returncode == 9:
        raise ConfigError(
            f"the profile names modules ({' '.join(modules)}), and a login shell here has no `module`; run on a "
            "login node, or take the line away",
            field=MODULES_KEY,
        )
    if done.returncode or "ERROR" in done.stderr:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise ConfigError(f"`module load {' '.join(modules)}`: {said}; `module avail` lists them", field=MODULES_KEY)
    after = dict(entry.split("=", 1) for entry in done.stdout.split("\0") if "=" in entry)
    return {name: value for name, value in after.items() if os.environ.get(name) != value and name != "_"}


def _ask(job: dict[str, Any]) -> Ask:
    resources = job.get("resources", {})
    tasks, cpus = max(int(resources.get("tasks") or 1), 1), int(job.get("threads") or 1)
    nodes = int(resources.get("nodes") or 1)
    memory = int(resources.get("mem_mb") or 0)
    if per_cpu := int(resources.get("mem_mb_per_cpu") or 0):
        memory = per_cpu * cpus * -(-tasks // nodes)
    return Ask(
        job["rule_name"],
        str(resources.get("slurm_partition") or ""),
        str(resources.get("slurm_account") or ""),
        str(resources.get("mpi") or ""),
        tasks,
        cpus,
        nodes,
        memory,
        int(resources.get("runtime") or 0),
    )
