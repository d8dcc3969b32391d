"""What the verbs of the command line do: each function turns arguments into one answer."""

from argparse import Namespace
from dataclasses import dataclass
from importlib import import_module

from pipeline.config import Settings


@dataclass(frozen=True)
class Answer:
    """One answer: a document for machines, a text for people, the exit code, and an error beside
    it, if any.
    """

    document: dict
    text: str
    exit_code: int = 0
    error: str = ""


def carry_out(settings: Settings, arguments: Namespace) -> Answer:
    """Do what the verb says; only its own module is imported, so that a quick verb stays quick."""
    module, _, function = arguments.action.partition(".")
    return getattr(import_module(f"pipeline.cli.{module}"), function)(settings, arguments)
