"""Civil days of Europe/London: clock changes and bank holidays."""

from __future__ import annotations

import datetime as dt

import pytest

from lcr_hpc.store.calendar import clock_hours, day_type, hours_of_day


@pytest.mark.parametrize(
    ("day", "hours"), [("2025-03-30", 23), ("2025-10-15", 24), ("2025-10-26", 25), ("2024-02-29", 24)]
)
def test_a_civil_day_has_23_24_or_25_hours(day: str, hours: int):
    assert hours_of_day(dt.date.fromisoformat(day)).size == hours


def test_midnight_of_british_summer_time_is_23_utc():
    # 2025-10-14T23:00Z is 20,375 days and 23 hours after 1970
    assert hours_of_day(dt.date(2025, 10, 15))[0] == 20_375 * 24 + 23


def test_a_clock_hour_comes_twice_in_autumn_and_is_missing_in_spring():
    assert clock_hours(hours_of_day(dt.date(2025, 10, 26)))[:4].tolist() == [0, 1, 1, 2]
    assert clock_hours(hours_of_day(dt.date(2025, 3, 30)))[:3].tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2025-10-15", "weekday"),
        ("2025-10-18", "saturday"),
        ("2025-10-19", "sunday"),
        ("2025-12-25", "sunday"),  # Christmas Day, a Thursday
        ("2025-08-25", "sunday"),  # the summer bank holiday of England, not of Scotland
        ("2025-08-04", "weekday"),  # Scotland's
    ],
)
def test_bank_holidays_of_england_count_as_sundays(day: str, kind: str):
    assert day_type(dt.date.fromisoformat(day)) == kind
