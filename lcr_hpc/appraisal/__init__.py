"""Scenarios against the base, across the models' results: who gains, who loses, what it costs and what it is worth."""

from lcr_hpc.appraisal.costs import Appraisal, Outcomes, Price, appraise
from lcr_hpc.appraisal.gains import GainsAndLosses, gains_and_losses

__all__ = ["Appraisal", "GainsAndLosses", "Outcomes", "Price", "appraise", "gains_and_losses"]
