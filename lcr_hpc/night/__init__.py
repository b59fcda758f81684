"""What a person does with a night: run it, resume it, ask where it stands, what it would do, whether the machine can.

    run_night(config_path, *, root=None, profile="local", cores=None, targets=(), stream=None) -> int
    resume_night(config_path=None, *, root=None, profile=None, cores=None, targets=None, force=False, stream=None) -> int
    night_status(config_path=None, *, root=None) -> NightStatus           # .stages; show(table_of_status(…))
    plan_night(config_path=None, *, root=None, profile="local", targets=()) -> Plan      # .jobs
    run_doctor(*, profile="local", root=None) -> DoctorReport             # .checks, .ok

`run_night` and `resume_night` print their own progress and return the exit code: 0, 1 (a stage failed), 130 or 143
(stopped). The other three return frozen results; `str(result)` is what the command line prints. Bad input is an
`LcrError`, exit code 2.

Two files that the workflow waits for and that no store has: `layout.incoming / "feeds.json"` (written last by the
feeds: SHA-256 of every file that landed) and `layout.night_dir / "publish.json"` (written last by publish: the
release's name and fingerprint). Neither has a timestamp.
"""

from __future__ import annotations

from lcr_hpc.night.doctor import Check, DoctorReport, run_doctor
from lcr_hpc.night.plan import Plan, PlannedJob, plan_night
from lcr_hpc.night.resume import resume_night
from lcr_hpc.night.run import run_night
from lcr_hpc.night.status import NightStatus, StageStatus, night_status

__all__ = [
    "Check",
    "DoctorReport",
    "NightStatus",
    "Plan",
    "PlannedJob",
    "StageStatus",
    "night_status",
    "plan_night",
    "resume_night",
    "run_doctor",
    "run_night",
]
