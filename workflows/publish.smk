"""What leaves the house."""


rule publish:
    """Gate, products, report, verification; then `latest` points at the night."""
    input:
        [manifest(name) for name in SPINE_STORES + MODEL_STORES],
    output:
        finished("publish"),
    log:
        logfile("publish"),
    resources:
        mem_mb=memory("publish"),
        runtime=minutes("publish"),
    params:
        settings=settings("publish"),
    shell:
        "{LCR} publish {FOR_NIGHT} > {log} 2>&1"
