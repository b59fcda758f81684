"""`latest` goes back to a release that still is what was published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lcr_hpc.errors import InputError, ReleaseError
from lcr_hpc.publish.release import latest_name, set_latest
from lcr_hpc.publish.rollback import rollback


@pytest.fixture
def published(snapshot: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "published"
    for name in ("2025-10-13", "2025-10-14", "2025-10-15"):
        shutil.copytree(snapshot, folder / name)
    set_latest(folder, "2025-10-15")
    return folder


def test_without_a_name_it_is_the_release_before(published: Path):
    assert rollback(published) == "2025-10-14"
    assert rollback(published) == "2025-10-13"
    assert latest_name(published) == "2025-10-13"
    with pytest.raises(InputError, match="no release before 2025-10-13"):
        rollback(published)


def test_forward_again_by_name(published: Path):
    rollback(published, "2025-10-13")
    assert rollback(published, "2025-10-15") == latest_name(published) == "2025-10-15"


def test_an_unknown_name_lists_what_there_is(published: Path):
    with pytest.raises(InputError, match="there are: 2025-10-13, 2025-10-14, 2025-10-15"):
        rollback(published, "latest")


def test_a_spoiled_release_is_refused_and_latest_stays(published: Path):
    (published / "2025-10-14" / "areas.csv").write_text("spoiled")
    with pytest.raises(ReleaseError, match="not what was published"):
        rollback(published)
    assert latest_name(published) == "2025-10-15"


def test_nothing_published_is_said(tmp_path: Path):
    with pytest.raises(InputError, match="there are: none"):
        rollback(tmp_path / "published")
