"""Rows of a wide table: each cell where it belongs, and what is no plain number left to the caller."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.wide_rows import BAD_TIME, BLANK, LONG, NUMBER, QUOTED, SHORT, TIME, parse_rows


def _parse(text: str, zulu: bool = True):
    raw = np.frombuffer(text.encode(), dtype=np.uint8)
    rows = text.count("\n") + 1
    value, second = np.full((rows, 2), np.nan, np.float32), np.empty(rows, np.int64)
    left = np.empty((40, 4), np.int64)
    rows, items, at = parse_rows(raw, 0, np.array([TIME, 1, 0], np.int32), value, second, left, zulu)
    assert at == len(raw)
    told = [(int(r), int(why), text[a:b]) for r, why, a, b in left[:items]]
    return second[:rows].tolist(), value[:rows].tolist(), told


def test_a_row_by_hand():
    second, value, told = _parse("1970-01-02T01:00:00Z,7,-2.5e1\n")
    assert second == [86_400 + 3_600] and value == [[-25.0, 7.0]] and told == []


@pytest.mark.parametrize("word", ["", " ", "No data", "NaN", "na", "NULL", "nan\r"])
def test_words_for_nothing(word):
    second, value, told = _parse(f"2000-02-29 00:00,3,{word}\n")
    assert second == [951_782_400] and np.isnan(value[0][0]) and value[0][1] == 3 and told == []


@pytest.mark.parametrize(
    ("line", "reason", "said"),
    [
        ("2025-01-01T00:00Z,eighty,2", NUMBER, "eighty"),
        ("2025-01-01T00:00Z,1.2.3,2", NUMBER, "1.2.3"),
        ("2025-01-01T00:00Z,.,2", NUMBER, "."),
        ("2025-02-29T00:00Z,1,2", BAD_TIME, "2025-02-29T00:00Z"),
        ("2025-01-01T00:00Z,1", SHORT, "2025-01-01T00:00Z,1"),
        ("2025-01-01T00:00Z,1,2,3", LONG, "2025-01-01T00:00Z,1,2,3"),
        ('2025-01-01T00:00Z,"1",2', QUOTED, '2025-01-01T00:00Z,"1",2'),
    ],
)
def test_what_is_left_over_is_named_and_the_row_after_is_read(line, reason, said):
    second, value, told = _parse(f"{line}\n\n2025-01-01T01:00Z,5,6\n")
    assert told == [(0, reason, said)]
    assert second[1:] == [BLANK, 1_735_693_200] and value[2] == [6.0, 5.0]


def test_a_local_file_has_no_zulu_times():
    assert _parse("2025-01-01T00:00Z,1,2\n", zulu=False)[2] == [(0, BAD_TIME, "2025-01-01T00:00Z")]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(number=st.decimals(-(10**7), 10**7, places=4), digits=st.integers(0, 4))
def test_numbers_are_those_of_python(number, digits):
    said = f"{number:.{digits}f}"
    _, value, told = _parse(f"2025-01-01T00:00Z,{said},1\n")
    assert told == [] and value[0][1] == np.float32(float(said))
