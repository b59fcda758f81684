"""Whether a cluster is what a profile says of it: each site fact held against what Slurm itself tells."""

from __future__ import annotations

import functools
import os
import pwd
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from lcr_hpc.config import Config
from lcr_hpc.errors import RunError
from lcr_hpc.night.calls import find_profile
from lcr_hpc.night.probe import Sick, answer, ask, last_line
from lcr_hpc.night.site import Ask, module_environment, modules_of, stage_asks

COMMANDS = ("sbatch", "squeue", "scancel", "sinfo", "srun", "scontrol")
SUPPORT = "ask your site's support"
FREE_NODES_S = 30
LEAST_JOB_AGE_S = 120
"""A run looks at its jobs every few seconds, but a controller may be silent for a minute."""


@dataclass(frozen=True)
class Partition:
    """A partition as sinfo tells of it: of the largest of its nodes."""

    name: str
    default: bool
    minutes: float
    nodes: int
    cpus: int
    memory_mb: int


def slurm_checks(profile: str) -> list[tuple[str, Callable[[], str]]]:
    """Names and checks of a profile that runs on Slurm, in the order in which a person would mend them."""
    return [
        ("Slurm commands", slurm_commands),
        ("modules", lambda: site_modules(profile)),
        ("Slurm partitions", lambda: partitions_fit(profile)),
        ("Slurm account", lambda: accounts_exist(profile)),
        ("Slurm job status", lambda: status_command(profile)),
        ("srun and MPI", lambda: srun_flavour(profile)),
    ]


def slurm_commands() -> str:
    """Slurm's commands are on PATH."""
    missing = [c for c in COMMANDS if shutil.which(c) is None]
    if missing:
        raise Sick(f"no {', '.join(missing)} on PATH; run this on a login node, or load the Slurm module")
    return answer(["sbatch", "--version"], SUPPORT)


def site_modules(profile: str) -> str:
    """The modules that the profile names can be loaded."""
    modules = modules_of(profile)
    module_environment(modules)
    return ", ".join(modules) or "none named"


def partitions_fit(profile: str) -> str:
    """Each stage's partition is there and up, and one of its nodes holds what the stage asks of a node."""
    _need("sinfo")
    there = {partition.name: partition for partition in read_partitions()}
    if not there:
        raise Sick(f"no partition is up; {SUPPORT}")
    default = next((p.name for p in there.values() if p.default), "")
    asked = [(wanted.partition or default, wanted) for wanted in _asks(profile)]
    if unknown := sorted({name for name, _ in asked} - set(there)):
        names = ", ".join(name or "(none: there is no default)" for name in unknown)
        raise Sick(f"no partition {names} is up; there are {', '.join(there)}: write one as slurm_partition")
    if wrong := [f"{a.stage} on {name} {problem}" for name, a in asked for problem in misfits(a, there[name])]:
        raise Sick("; ".join(wrong) + ". Change it in the profile's block of site facts")
    told = (there[name] for name in sorted({name for name, _ in asked}))
    return ", ".join(f"{p.name} ({p.nodes} nodes of {p.cpus} CPUs, {p.memory_mb} MB)" for p in told)


def misfits(wanted: Ask, partition: Partition) -> list[str]:
    """What a stage asks for that no node of a partition has; empty = it fits."""
    per_node = -(-wanted.tasks // wanted.nodes)
    cpus = per_node * wanted.cpus_per_task
    # Tasks that may lie on as many nodes as Slurm likes need room for one only.
    cpus = cpus if wanted.nodes > 1 else wanted.cpus_per_task
    memory = wanted.node_memory_mb if wanted.nodes > 1 else wanted.node_memory_mb // wanted.tasks
    found = []
    if wanted.minutes > partition.minutes:
        found.append(f"asks for {wanted.minutes} min, the limit is {partition.minutes:g}")
    if wanted.nodes > partition.nodes:
        found.append(f"asks for {wanted.nodes} nodes of {partition.nodes}")
    if cpus > partition.cpus:
        found.append(f"asks for {cpus} CPUs a node of {partition.cpus}")
    if memory > partition.memory_mb:
        found.append(f"asks for {memory} MB a node of {partition.memory_mb}")
    if wanted.tasks * wanted.cpus_per_task > partition.nodes * partition.cpus:
        found.append(f"asks for {wanted.tasks * wanted.cpus_per_task} CPUs of {partition.nodes * partition.cpus}")
    return found


def accounts_exist(profile: str) -> str:
    """Accounts that the profile names are the user's, where there is a database that can tell."""
    _need("scontrol")
    wanted = sorted({ask.account for ask in _asks(profile)} - {""})
    if not _has_database():
        return "not asked: this cluster has no accounting database"
    user = pwd.getpwuid(os.getuid()).pw_name
    command = ["sacctmgr", "--noheader", "--parsable2", "show", "associations", f"user={user}", "format=account"]
    mine = sorted(set(answer(command, SUPPORT).split()))
    if not mine:
        raise Sick(f"user {user} has no account on this cluster; {SUPPORT}")
    if missing := [name for name in wanted if name not in mine]:
        raise Sick(
            f"{user} may not use account {', '.join(missing)}; yours: {', '.join(mine)}. Write one in the profile"
        )
    return ", ".join(wanted) if wanted else f"your default; yours are {', '.join(mine)}"


def status_command(profile: str) -> str:
    """The command that jobs are watched by can tell how a job ended; else a run waits for ever."""
    _need("scontrol")
    said = profile_values(profile).get("slurm-status-command", "sacct")
    if said == "sacct":
        if not _has_database():
            raise Sick("sacct, but this cluster has no accounting database: write `slurm-status-command: squeue`")
        return "sacct, from the accounting database"
    match = re.search(r"MinJobAge\s*=\s*(\d+)", _configuration())
    age = int(match[1]) if match else 0
    if age < LEAST_JOB_AGE_S:
        raise Sick(
            f"{said}, but the cluster forgets ended jobs after {age} s (MinJobAge): write `slurm-status-command: sacct`"
        )
    return f"{said}, which remembers an ended job for {age} s"


def srun_flavour(profile: str) -> str:
    """Start two ranks as the profile does and let them count each other; a wrong pairing would run them alone."""
    _need("srun")
    ranked = next((a for a in _asks(profile) if a.stage == "traffic" and a.launcher.startswith("srun")), None)
    if ranked is None:
        return "not asked: no stage has ranks by srun"
    words = shlex.split(ranked.launcher)
    flavour = next((word.partition("=")[2] for word in words if word.startswith("--mpi=")), "")
    listed = ask(["srun", "--mpi=list"])
    known = re.findall(
        r"^\s*(?:MPI plugin types are\.\.\.)?\s*([\w./-]+)\s*$", listed.stdout + listed.stderr, re.MULTILINE
    )
    if flavour and flavour not in known:
        raise Sick(f"`{ranked.launcher}`: there is no {flavour}; `srun --mpi=list` has {', '.join(known)}")
    where = [f"--partition={ranked.partition}"] * bool(ranked.partition)
    where += [f"--account={ranked.account}"] * bool(ranked.account)
    count = "from lcr_hpc.compute.mpi import open_communicator as o; import os; os.write(1, b'<%d>' % o().size)"
    command = [*words, "-n", "2", *where, f"--immediate={FREE_NODES_S}", "--time=2", "--mem-per-cpu=500"]
    done = ask([*command, sys.executable, "-c", count], module_environment(modules_of(profile)))
    sizes = re.findall(r"<(\d+)>", done.stdout)
    if sizes == ["2", "2"]:
        return f"`{ranked.launcher}` starts ranks that find each other"
    if "nodes are busy" in done.stderr:
        return f"{flavour or 'its default'} is known; not tried, for no node was free within {FREE_NODES_S} s"
    told = re.findall(r"LaunchError: (.*)", done.stderr)
    raise Sick(f"`{ranked.launcher}`: {told[0] if told else last_line(done.stderr)}")


def read_partitions() -> list[Partition]:
    """Partitions that are up, each with the largest of its nodes."""
    said = answer(["sinfo", "--noheader", "--format", "%R|%P|%a|%l|%D|%c|%m"], "is the controller running? " + SUPPORT)
    found: dict[str, Partition] = {}
    for line in said.splitlines():
        name, marked, state, limit, nodes, cpus, memory = line.strip().split("|")
        if state != "up":
            continue
        # "64+" is of nodes that differ: so much at least.
        one = Partition(name, marked.endswith("*"), _minutes(limit), int(nodes), _number(cpus), _number(memory))
        if before := found.get(name):
            larger = max(before.cpus, one.cpus), max(before.memory_mb, one.memory_mb)
            one = Partition(name, one.default, one.minutes, before.nodes + one.nodes, *larger)
        found[name] = one
    return list(found.values())


def profile_values(profile: str) -> dict[str, object]:
    """All keys of a profile's files."""
    values: dict[str, object] = {}
    for file in sorted(find_profile(profile).glob("config*.yaml")):
        values |= yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return values


@functools.lru_cache(maxsize=1)
def _asks(profile: str) -> tuple[Ask, ...]:
    try:
        return stage_asks(Config(), profile)
    except RunError as error:
        raise Sick(f"Snakemake does not take the profile: {last_line(str(error))}") from None


def _need(command: str) -> None:
    if shutil.which(command) is None:
        raise Sick(f"not asked: no {command} on PATH")


def _has_database() -> bool:
    return "accounting_storage/slurmdbd" in _configuration()


def _configuration() -> str:
    return answer(["scontrol", "show", "config"], "is the controller running? " + SUPPORT)


def _number(text: str) -> int:
    return int(text.rstrip("+"))


def _minutes(limit: str) -> float:
    """Minutes of Slurm's [days-]hours:minutes:seconds, minutes:seconds, or infinite."""
    if not limit[0].isdigit():
        return float("inf")
    days, _, clock = limit.rpartition("-")
    parts = [int(part) for part in clock.split(":")]
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60.0 + part
    return int(days or 0) * 1440.0 + seconds / 60.0
