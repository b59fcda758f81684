"""Rows of a wide table of observations (a time and a column a site), from UTF-8 text straight into a matrix.

A general reader makes 4,096 columns of a block and then turns them into rows; here each cell is written once, where
it belongs. What is not plainly a number, nothing or a time is left for the caller to look at, cell by cell.
"""

import numpy as np

from lcr_kernels._jit import kernel

TIME, IGNORED = -2, -1
"""Entries of `site` that stand for no site: the time's column, and a column that nobody wants"""
NUMBER, BAD_TIME, SHORT, LONG, QUOTED = 0, 1, 2, 3, 4
"""Why something was left for the caller: a cell that is no number, a time, too few fields, too many, a quote"""
BLANK = -(2**62)
"""Time of a row without text, or of one that was left for the caller"""
_COMMA, _NEWLINE, _RETURN, _QUOTE, _SPACE, _TAB, _POINT, _MINUS, _PLUS = 44, 10, 13, 34, 32, 9, 46, 45, 43
_POWERS = np.array([10.0**k for k in range(23)])


@kernel
def parse_rows(text, start, site, value, second, left, zulu):
    """Read rows until the text, the room for rows, or the room for what is left over ends.

    text    uint8[byte]     whole lines; the last may lack its newline
    start   int             first byte to read
    site    int32[column]   column of `value`, TIME or IGNORED
    value   float32[row, site]  any unit; a blank cell, "No data", "NaN", "NA" or "null" is NaN. The caller fills it
                            with NaN: sites without a column, and rows left over, keep that
    second  int64[row]      seconds since 1970 of `YYYY-MM-DD[T ]HH:MM[:SS]`, with a Z where `zulu`; BLANK: none
    left    int64[item, 4]  row, reason, first byte, one past the last: of the cell, or of the line
    zulu    bool            whether a time may end in Z: false where times are local ones
    returns (row, item, byte): rows read, items left over, where to go on

    A number is exact: at most 15 digits and a power of ten within ±22 make one correctly rounded division or product
    (Clinger 1990, How to read floating point numbers accurately); all others are left over.
    """
    row, item, at, size = 0, 0, start, text.size
    while at < size and row < second.size and item + site.size < left.shape[0]:
        second[row] = BLANK
        begin, first_item, column = at, item, 0
        more = True
        while more:
            if column < site.size and site[column] >= 0:
                # Most cells are a few digits and a comma: read in passing, three times as fast as by `_number`.
                mantissa, stop, point = 0, at, -1
                while stop < size:
                    digit = np.int64(text[stop]) - 48
                    if 0 <= digit <= 9:
                        mantissa = mantissa * 10 + digit
                    elif digit == _POINT - 48 and point < 0:
                        point = stop
                    else:
                        break
                    stop += 1
                if stop < size and text[stop] == _COMMA and 0 < stop - at <= 15 and stop - at > (point >= 0):
                    value[row, site[column]] = mantissa if point < 0 else mantissa / _POWERS[stop - point - 1]
                    column += 1
                    at = stop + 1
                    continue
            stop = at
            while stop < size and text[stop] != _COMMA and text[stop] != _NEWLINE:
                if text[stop] == _QUOTE:
                    column = -1
                    break
                stop += 1
            if column < 0:
                break
            more = stop < size and text[stop] == _COMMA
            if column < site.size:
                what = site[column]
                if what >= 0:
                    if stop > at:
                        number, good = _number(text, at, stop)
                        if good:
                            value[row, what] = number
                        else:
                            item = _leave(left, item, row, NUMBER, at, stop)
                elif what == TIME:
                    time = _second(text, at, stop, zulu)
                    second[row] = time
                    if time == BLANK:
                        item = _leave(left, item, row, BAD_TIME, at, stop)
            column += 1
            at = stop + 1
        if column != site.size:
            end = begin
            while end < size and text[end] != _NEWLINE:
                end += 1
            at = end + 1
            item = first_item
            value[row, :] = np.nan
            second[row] = BLANK
            if not _empty(text, begin, end):
                reason = QUOTED if column < 0 else (SHORT if column < site.size else LONG)
                item = _leave(left, item, row, reason, begin, end)
        elif second[row] == BLANK and _empty(text, begin, min(at - 1, size)):
            item = first_item
        row += 1
    return row, item, min(at, size)


@kernel
def _leave(left, item, row, reason, start, stop):
    left[item, 0], left[item, 1], left[item, 2], left[item, 3] = row, reason, start, stop
    return item + 1


@kernel
def _empty(text, start, stop):
    """Whether a line holds separators and blanks alone."""
    for i in range(start, stop):
        c = text[i]
        if c != _COMMA and not _blank(c):
            return False
    return True


@kernel
def _blank(c):
    return c in (_SPACE, _TAB, _RETURN)


@kernel
def _trimmed(text, start, stop):
    while start < stop and _blank(text[start]):
        start += 1
    while stop > start and _blank(text[stop - 1]):
        stop -= 1
    return start, stop


@kernel
def _number(text, start, stop):
    """Value of a cell and whether it could be told; nothing, or a word for it, is NaN."""
    start, stop = _trimmed(text, start, stop)
    if start == stop:
        return np.nan, True
    at = start
    negative = text[at] == _MINUS
    if negative or text[at] == _PLUS:
        at += 1
    mantissa, digits, scale = 0, 0, 0
    point = False
    while at < stop:
        d = np.int64(text[at]) - 48
        if 0 <= d <= 9:
            mantissa = mantissa * 10 + d
            digits += 1
            if point:
                scale -= 1
            if digits > 15:
                return np.nan, False
        elif text[at] == _POINT and not point:
            point = True
        else:
            break
        at += 1
    if digits == 0:
        return np.nan, _word(text, start, stop)
    if at < stop:
        if text[at] != 101 and text[at] != 69:  # e, E
            return np.nan, False
        at += 1
        below = at < stop and text[at] == _MINUS
        if at < stop and (below or text[at] == _PLUS):
            at += 1
        power = 0
        if at == stop:
            return np.nan, False
        while at < stop:
            d = np.int64(text[at]) - 48
            if d < 0 or d > 9 or power > 100:
                return np.nan, False
            power = power * 10 + d
            at += 1
        scale += -power if below else power
    if scale < -22 or scale > 22:
        return np.nan, False
    number = mantissa / _POWERS[-scale] if scale < 0 else mantissa * _POWERS[scale]
    return (-number if negative else number), True


@kernel
def _word(text, start, stop):
    """Whether a cell says "nothing" in a word: No data, NaN, NA or null, in any case."""
    size = stop - start
    if size == 2:
        return _lower(text, start) == 110 and _lower(text, start + 1) == 97
    if size == 3:
        return _lower(text, start) == 110 and _lower(text, start + 1) == 97 and _lower(text, start + 2) == 110
    if size == 4:
        same = _lower(text, start) == 110 and _lower(text, start + 1) == 117
        return same and _lower(text, start + 2) == 108 and _lower(text, start + 3) == 108
    if size == 7:
        same = _lower(text, start) == 110 and _lower(text, start + 1) == 111 and text[start + 2] == _SPACE
        same = same and _lower(text, start + 3) == 100 and _lower(text, start + 4) == 97
        return same and _lower(text, start + 5) == 116 and _lower(text, start + 6) == 97
    return False


@kernel
def _lower(text, at):
    c = np.int64(text[at])
    return c + 32 if 65 <= c <= 90 else c


@kernel
def _second(text, start, stop, zulu):
    """Seconds since 1970 of a plain ISO 8601 time, else BLANK."""
    start, stop = _trimmed(text, start, stop)
    if zulu and stop - start > 1 and text[stop - 1] == 90:  # Z
        stop -= 1
    size = stop - start
    if size not in (16, 19):
        return BLANK
    if text[start + 4] != _MINUS or text[start + 7] != _MINUS or text[start + 13] != 58:
        return BLANK
    if text[start + 10] != 84 and text[start + 10] != _SPACE:
        return BLANK
    if size == 19 and text[start + 16] != 58:
        return BLANK
    year = 100 * _two(text, start) + _two(text, start + 2)
    month, day = _two(text, start + 5), _two(text, start + 8)
    hour, minute = _two(text, start + 11), _two(text, start + 14)
    sec = _two(text, start + 17) if size == 19 else 0
    if min(year, month, day, hour, minute, sec) < 0 or hour > 23 or minute > 59 or sec > 59:
        return BLANK
    if year < 1900 or month < 1 or month > 12 or day < 1 or day > _month_days(year, month):
        return BLANK
    return ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + sec


@kernel
def _two(text, at):
    a, b = np.int64(text[at]) - 48, np.int64(text[at + 1]) - 48
    return a * 10 + b if 0 <= a <= 9 and 0 <= b <= 9 else -10000


@kernel
def _month_days(year, month):
    if month == 2:
        return 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    return 30 if month in (4, 6, 9, 11) else 31


@kernel
def _days(year, month, day):
    """Days since 1970-01-01 in the Gregorian calendar, counted from March so that a leap day ends a year."""
    y = year - 1 if month <= 2 else year
    m = month + 9 if month <= 2 else month - 3
    return 365 * y + y // 4 - y // 100 + y // 400 + (153 * m + 2) // 5 + day - 1 - 719468
