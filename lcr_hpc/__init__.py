"""lcr-hpc: nightly traffic, carbon and health-inequality models of Liverpool City Region."""
