"""What a person does with a night: run it, resume it, ask where it stands, what it would do, whether the machine can.

    run_night(config_path=None, *, root=None, profile="local", cores=None, targets=()) -> int
    resume_night(config_path=None, *, root=None, profile=None, cores=None, force=False) -> int
    run_nightly(config_path=None, *, root=None, profile="local", cores=None, today=None) -> int
    night_status(config_path=None, *, root=None) -> int
    plan_night(config_path=None, *, root=None, profile="local", targets=()) -> int
    run_doctor(*, root=None, profile="local") -> int

Each prints for a person and returns the exit code: 0, 1 (a stage or a check failed), 130 or 143 (stopped);
`run_nightly` also 3 (deadline) and 75 (another run is going on). Bad input is an `LcrError`, exit code 2. A resumed run
takes the profile and cores it began with, unless told others. Programs use `read_status`, `make_plan` and `examine`,
which return frozen results.

Two files that the workflow waits for and that no store has: `layout.incoming / "feeds.json"` (written last by the
feeds: SHA-256 of every file that landed) and `layout.night_dir / "publish.json"` (written last by publish: the
release's name and fingerprint). Neither has a timestamp.
"""

from __future__ import annotations

from lcr_hpc.night.doctor import examine, run_doctor
from lcr_hpc.night.nightly import run_nightly
from lcr_hpc.night.plan import Plan, PlannedJob, make_plan, plan_night
from lcr_hpc.night.probe import Check
from lcr_hpc.night.resume import resume_night
from lcr_hpc.night.run import run_night
from lcr_hpc.night.status import NightStatus, StageStatus, night_status, read_status

__all__ = [
    "Check",
    "NightStatus",
    "Plan",
    "PlannedJob",
    "StageStatus",
    "examine",
    "make_plan",
    "night_status",
    "plan_night",
    "read_status",
    "resume_night",
    "run_doctor",
    "run_night",
    "run_nightly",
]
