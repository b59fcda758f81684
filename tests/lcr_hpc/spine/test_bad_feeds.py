"""Some of the bad files that `python -m tests.fuzz.bad_feeds` lands."""

from __future__ import annotations

import signal

import pytest

from tests.fuzz.bad_feeds import DEFECTS, FEEDS, run

# A header of JSON a page long (its message was one, too) for both kinds of reader; an infinite reading of a
# station; a mistyped year, for which a store was laid out for centuries; a lone
# carriage return in a cell, which broke the rows of the quarantine.
MENDED = (48, 53, 115, 332, 882)


@pytest.mark.chain
def test_bad_files_of_every_feed_are_refused_whole_or_leave_a_whole_store():
    handler = signal.getsignal(signal.SIGALRM)
    try:
        counted, broken = run([*range(0, len(FEEDS) * len(DEFECTS), 7), *MENDED], stop=False)
    finally:
        signal.signal(signal.SIGALRM, handler)
    assert not broken
    assert {file for file, _ in counted} == {f.file.format("*") for f in FEEDS}
    assert {outcome for _, outcome in counted} == {"refused", "read"}
