"""Call Snakemake, once or several times, and write what it does as JSON lines.

    python -m lcr_hpc.night.events EVENTS.jsonl '[["--cores", "2", …], […]]'

Snakemake loads loggers from top-level packages of their own only. Registering one here, in the process that runs
Snakemake, gives the same events without a third package to install. Jobs on other nodes do not load it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
import types
from logging import LogRecord
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

from lcr_hpc.compute.collector import collect_less
from lcr_hpc.compute.slurm import mend_plugin

LOGGER_NAME = "lcr"
_FIELDS = ("jobid", "job_id", "jobs", "rule_name", "reason", "threads", "stats", "exception", "done", "total")
_events_file = Path("events.jsonl")


class EventHandler(LogHandlerBase):
    """Write each record that says something as one JSON line."""

    writes_to_stream = False
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Open the file; each line is written whole, so that a reader may follow it."""
        self._lock = threading.Lock()
        self._file = _events_file.open("a", encoding="utf-8")

    def emit(self, record: LogRecord) -> None:
        """Append one event; a full disk must not end the night for want of a progress line."""
        try:
            line = json.dumps(event_of(record), default=str)
            with self._lock:
                self._file.write(line + "\n")
                self._file.flush()
        except (OSError, ValueError):
            pass


def event_of(record: LogRecord) -> dict[str, Any]:
    """Plain values of a Snakemake log record: time, event, and the fields that progress and plans need."""
    event = getattr(record, "event", None)
    found: dict[str, Any] = {"time": time.time(), "event": str(event) if event else "message"}
    found |= {name: getattr(record, name) for name in _FIELDS if getattr(record, name, None) is not None}
    if (resources := getattr(record, "resources", None)) is not None and event == "job_info":
        found["resources"] = {k: v for k, v in resources.items() if not k.startswith("_")}
    if event in (None, "error"):
        found["text"] = record.getMessage()
    if event == "job_info":
        found.pop("jobs", None)
    return found


def main(arguments: list[str]) -> int:
    """Call Snakemake with each list of options in turn, until one fails; return its exit code.

    Each call is a fork of this process, which has imported Snakemake once: that alone takes a second.
    """
    collect_less()
    global _events_file  # noqa: PLW0603 - Snakemake makes the handler itself, without arguments of ours
    _events_file = Path(arguments[0]).resolve()
    plugin = types.ModuleType("snakemake_logger_plugin_lcr")
    plugin.LogHandler = EventHandler  # type: ignore[attr-defined]
    LoggerPluginRegistry().register_plugin(plugin.__name__, plugin)

    # Each call would import the first again, 0.2 s.
    import snakemake.report.html_reporter  # type: ignore[import-untyped]
    from snakemake.cli import main as snakemake  # type: ignore[import-untyped]

    mend_plugin()
    gc.freeze()  # else the first look in a child would copy every page that it shares with us
    for number, options in enumerate(json.loads(arguments[1])):
        sys.stdout.flush()
        sys.stderr.flush()
        if (child := os.fork()) == 0:
            sys.exit(snakemake(["--logger", LOGGER_NAME, *options]))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code:
            return abs(code)
        with _events_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"time": time.time(), "event": "call_finished", "call": number}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
