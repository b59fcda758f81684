"""Scenarios against the base, across the models' results: who gains, who loses, what it costs and what it is worth."""

from lcr_hpc.appraisal.costs import Outcomes, appraise
from lcr_hpc.appraisal.gains import GainsAndLosses, gains_and_losses
from lcr_hpc.appraisal.worth import Appraisal, Changes, Price, value_changes

__all__ = [
    "Appraisal",
    "Changes",
    "GainsAndLosses",
    "Outcomes",
    "Price",
    "appraise",
    "gains_and_losses",
    "value_changes",
]
