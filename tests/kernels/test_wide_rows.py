"""Rows of a wide table: each cell where it belongs, and what is no plain number left to the caller."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.wide_rows import BAD_TIME, BLANK, IGNORED, LONG, NUMBER, QUOTED, SHORT, TIME, parse_rows

from tests.reference import wide_rows as reference


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


ODD = (
    "", " ", "7", "-1", "+3", "0", ".5", "5.", ".", "-", "1.2.3", "1e3", "1E-3", "1e", "1e+", "1e23", "1e-23", "2e22",
    "123456789012345", "1234567890123456", "0.00000000000001", "0.000000000000001", "9999999999.99999", "NaN", "nA",
    "null", "no data", "No  data", "inf", "0x10", "1_000", "7 7", " 7\t", "8\r", "eighty", "nul", "nullo", '"7"',
    '7"', "é", "\x00", "1e05", "1e1000", "00000000000000012", "2025-01-01T00:00Z",
)  # fmt: skip
TIMES = (
    "2025-01-01T00:00Z", "2024-02-29 23:59:59", "2025-02-29T00:00", "1900-03-01T00:00Z", "1899-12-31T23:00",
    "2000-02-29T12:30:00Z", "2025-13-01T00:00", "2025-00-10T00:00", "2025-01-32T00:00", "2025-01-01T24:00",
    "2025-01-01T00:60", "2025-01-01T00:00:60", "2025-01-01", "2025-1-1T0:00", "2025-01-01T00:00ZZ",
    " 2025-06-30T05:00Z ", "", "Z", "2025-01-01t00:00", "2025-01-01T00:00+00:00", "9999-12-31T23:00Z",
    "2025-01-01T00-00", "20a5-01-01T00:00",
)  # fmt: skip
number = st.one_of(
    st.sampled_from(ODD), st.decimals(-(10**7), 10**7, places=4).map(str), st.text("0123456789.eE+-naul ", max_size=8)
)
time = st.one_of(st.sampled_from(TIMES[:2]), st.sampled_from(TIMES))
ROLES: list[int | str | None] = [1, "time", None, 0]


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    rows=st.lists(st.one_of(st.tuples(number, time, number, number), st.lists(number, max_size=6)), max_size=6),
    ends=st.booleans(), zulu=st.booleans(), room=st.sampled_from([5, 6, 40]),
)  # fmt: skip
def test_the_kernel_is_pythons_own_way(rows, ends, zulu, room):
    text = "\n".join(",".join(r) for r in rows) + ("\n" if ends else "")
    raw = np.frombuffer(text.encode(), dtype=np.uint8)
    wanted = reference.read(text, ROLES, zulu)
    site, at, begun = np.array([1, TIME, IGNORED, 0], np.int32), 0, 0
    while at < len(raw):  # with little room for what is left over it takes several calls
        value, second = np.full((len(wanted) - begun, 2), np.nan, np.float32), np.empty(len(wanted) - begun, np.int64)
        left = np.empty((room, 4), np.int64)
        count, items, at = parse_rows(raw, at, site, value, second, left, zulu)
        assert count > 0
        for k in range(count):
            when, values, told = wanted[begun + k]
            assert second[k] == (BLANK if when is None else when)
            said = [np.float32(values.get(j, np.nan)) for j in range(2)]
            np.testing.assert_array_equal(value[k], said)
            here = [(int(why), raw[a:b].tobytes().decode()) for r, why, a, b in left[:items] if r == k]
            assert here == told
        begun += count
    assert begun == len(wanted)
