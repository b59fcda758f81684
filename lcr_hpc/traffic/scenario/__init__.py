"""Scenarios of the night: measures that change the base, whose solution they begin from."""
