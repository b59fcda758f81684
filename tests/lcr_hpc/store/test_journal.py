"""A line of a journal stands whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcr_hpc.store.journal import Journal


def _opened(path: Path) -> Journal:
    journal = Journal(path)
    journal.read()
    return journal


def test_lines_are_read_back_in_order(tmp_path):
    journal = Journal(tmp_path / "new" / "j.jsonl")
    journal.rewrite([{"a": 1}, ["b", 2.5]])
    journal.append({"c": "ü\n"}, None)
    assert Journal(journal.path).read() == [{"a": 1}, ["b", 2.5], {"c": "ü\n"}, None]


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_line_that_was_cut_off_was_never_written_and_nothing_is_added_to_it(tmp_path, cut):
    journal = Journal(tmp_path / "j.jsonl")
    journal.rewrite([[1]])
    journal.append([2, "xyz"])
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-cut])
    again = Journal(journal.path)
    assert again.read() == [[1]] and again.overgrown(living=1000)
    again.rewrite([[1], [3]])
    assert _opened(journal.path).sound and Journal(journal.path).read() == [[1], [3]]


def test_a_damaged_line_is_said_and_an_empty_file_is_not_added_to(tmp_path):
    journal = Journal(tmp_path / "j.jsonl")
    journal.path.write_text('[1]\n{"a": \n[2]\n')
    with pytest.raises(ValueError, match="Expecting"):
        journal.read()
    journal.path.write_text("")
    assert journal.read() == [] and journal.overgrown(living=1000)


def test_it_is_laid_out_anew_once_most_of_its_lines_are_history(tmp_path):
    journal = Journal(tmp_path / "j.jsonl")
    journal.rewrite([[1]])
    added = 0
    while not journal.overgrown(living=10):
        journal.append([added := added + 1])
    assert 20 < added < 200 and journal.lines == added + 1


def test_a_private_one_is_closed_to_others_when_it_is_read(tmp_path):
    journal = Journal(tmp_path / "j.jsonl")
    journal.rewrite([[1]])
    assert journal.path.stat().st_mode & 0o777 == 0o644
    Journal(journal.path, private=True).read()
    assert journal.path.stat().st_mode & 0o777 == 0o600
