"""What goes wrong on a cluster, done on purpose to the tiny night on the dev cluster: `python -m tests.faults`."""
