"""health, metrics, monitor: what probes and Prometheus ask."""

import os
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, verb
from pipeline.config import Settings
from pipeline.errors import InputRefused

UNUSABLE = 1


@verb("health")
@click.option("--strict", is_flag=True, help="Count a warning as unhealthy too.")
def health(settings: Settings, strict: bool) -> Answer:
    """Whether home, warehouse, runs and alerts are well; exit code 1 when not.

    A failed run and a waiting load are warnings, since what was published stands.
    """
    from pipeline.services.run import health as service

    state = service.health(settings)
    is_good = state.status == service.PASS if strict else state.is_usable
    rows = [(check.name, check.status, check.output) for check in state.checks]
    return Answer(
        asdict(state),
        (text.table(rows, ("check", "status", "what")), state.status),
        0 if is_good else UNUSABLE,
    )


@verb("metrics")
@click.option(
    "--textfile", metavar="FILE", type=PATH, help="Write them to a file that appears whole."
)
def metrics(settings: Settings, textfile: str | None) -> Answer:
    """Numbers of the home in Prometheus' text format."""
    from pipeline.services.run import metrics as service

    measured = service.metrics(settings)
    exposed = service.exposition(measured)
    if textfile is not None:
        _write(Path(textfile), exposed)
    samples = [
        {"name": service.PREFIX + metric.name, "labels": dict(labels), "value": value}
        for metric in measured
        for labels, value in metric.samples
    ]
    return Answer({"samples": samples}, () if textfile else (exposed.rstrip("\n"),))


@verb("monitor")
@click.option("--port", type=int, default=9464, metavar="PORT", help="Port (default 9464).")
@click.option(
    "--address",
    default="127.0.0.1",
    metavar="IP",
    help="Address to listen at (default 127.0.0.1); any other takes --token-env.",
)
@click.option(
    "--token-env",
    metavar="NAME",
    help="Environment variable with the bearer token that metrics and details take.",
)
def monitor(settings: Settings, port: int, address: str, token_env: str | None) -> Answer:
    """Serve /metrics and /health on a port of its own until it is stopped.

    /health answers 200 or 503.
    """
    from pipeline.cli.monitor import serve

    token = None
    if token_env is not None:
        token = os.environ.get(token_env)
        if not token:
            raise InputRefused("is not set", f"environment variable {token_env}")
    serve(settings, address, port, token)
    return Answer({}, ())


def _write(path: Path, content: str) -> None:
    try:
        with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(content)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise InputRefused(f"cannot be written: {error.strerror}", str(path)) from error
