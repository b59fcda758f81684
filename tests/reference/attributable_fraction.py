"""Attributable fraction as the textbooks write it: (RR - 1)/RR at the exposure."""

from __future__ import annotations


def attributable_fraction(exposure, relative_risk, cutoff, per):
    """Share of the cases at one exposure that it accounts for."""
    at_exposure = relative_risk ** (max(exposure - cutoff, 0.0) / per)
    return (at_exposure - 1.0) / at_exposure
