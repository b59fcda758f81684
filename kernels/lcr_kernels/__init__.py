"""Numba kernels: arrays in, arrays out. See README.md for the contract."""
