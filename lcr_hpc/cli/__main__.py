"""`python -m lcr_hpc.cli` is `lcr`."""

from lcr_hpc.cli import main

main()
