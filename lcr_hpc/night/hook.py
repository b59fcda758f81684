"""Tell somebody how the night went: a command of the site's (mail, chat), and a web address."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from lcr_hpc.config import Config
from lcr_hpc.night.summary import Summary, as_json

TIMEOUT_S = 60


def tell(config: Config, summary: Summary, page: Path) -> None:
    """Call `nightly.hook` and post to `nightly.webhook`.

    A night that is published stays so when nobody can be told: a failure here is said on stderr and in no exit code.

    Parameters
    ----------
    config : Config
        Section `nightly`.
    summary : Summary
        What happened.
    page : Path
        The summary as Markdown: the hook's stdin.
    """
    if config.nightly.hook:
        _call(config.nightly.hook, summary, page)
    if config.nightly.webhook:
        _post(config.nightly.webhook, summary)


def _call(command: tuple[str, ...], summary: Summary, page: Path) -> None:
    facts = {
        "LCR_NIGHT_EXIT_CODE": str(summary.exit_code),
        "LCR_NIGHT_SUBJECT": summary.headline,
        "LCR_NIGHT_SUMMARY": str(page),
        "LCR_NIGHT_ROOT": str(summary.layout.root),
    }
    try:
        with page.open("rb") as text:
            done = subprocess.run(command, stdin=text, env=os.environ | facts, timeout=TIMEOUT_S, check=False)
        if done.returncode:
            _complain(f"nightly.hook {command[0]} ended with exit code {done.returncode}")
    except (OSError, subprocess.TimeoutExpired) as error:
        _complain(f"nightly.hook {command[0]}: {error}")


def _post(address: str, summary: Summary) -> None:
    # The pattern of the setting allows http and https alone.
    request = urllib.request.Request(
        address, as_json(summary).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):
            pass
    except (urllib.error.URLError, OSError, ValueError) as error:
        _complain(f"nightly.webhook {address}: {error}")


def _complain(text: str) -> None:
    print(f"{text}; the night itself is as the summary says", file=sys.stderr)
