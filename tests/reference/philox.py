"""Philox4x32-10 with Python's whole numbers, round by round as in the paper."""

from __future__ import annotations


def philox(counter, key):
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high_0, low_0 = divmod(0xD2511F53 * c0, 2**32)
        high_1, low_1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def draw(seed, stream, item, number):
    """Draw `number` of an item, in [0, 1)."""
    words = philox((number // 2, item % 2**32, item >> 32, stream), (seed % 2**32, seed >> 32))
    high, low = words[:2] if number % 2 == 0 else words[2:]
    return ((high * 2**32 + low) >> 11) / 2**53
