"""How a verb is declared, and what a command line comes to: a call that gives one answer."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from pipeline.cli.text import Part

PROGRAM = "icon-health"
#: A file or a folder; the shell completes its name, the verb judges it.
PATH = click.Path()
#: Letters of a verb's help that a list of verbs shows; longer than any.
LONGEST_HELP = 200


@dataclass(frozen=True)
class Answer:
    """One answer: a document for machines, text and tables for people, the exit code, and an error
    beside it, if any.
    """

    document: dict
    parts: tuple[Part, ...]
    exit_code: int = 0
    error: str = ""


@dataclass(frozen=True)
class Call:
    """A command line that was understood: the function of its verb, its options, the settings that
    it names, and the file that its document is written to as well.
    """

    function: Callable[..., Answer]
    options: Mapping[str, Any]
    settings: Mapping[str, str | None]
    out: str | None = None


class Verbs(click.Group):
    """A group that lists its verbs in the order in which they are declared; those of further
    `modules` come after those of its own.
    """

    def __init__(self, *args: Any, modules: Sequence[str] = (), **options: Any):
        super().__init__(*args, **options)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs."""
        self._declare_all()
        return list(self.commands)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The verb of this name, None when there is none."""
        self._declare_all()
        return super().get_command(ctx, name)

    def _declare_all(self) -> None:
        for module in self.modules:
            import_module(f"pipeline.cli.{module}")


class LazyVerbs(Verbs):
    """The verbs by heading, each named by `module.attribute`; a module is imported when one of its
    verbs is asked for, so that a quick verb stays quick.
    """

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, str]], **options: Any):
        super().__init__(*args, **options)
        self.sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs, heading by heading."""
        return [name for names in self.sections.values() for name in names]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The verb of this name, None when there is none."""
        for names in self.sections.values():
            if name in names:
                module, _, attribute = names[name].partition(".")
                return getattr(import_module(f"pipeline.cli.{module}"), attribute)
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs below their headings."""
        for heading, names in self.sections.items():
            commands = [
                (name, command) for name in names if (command := self.get_command(ctx, name))
            ]
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, command.get_short_help_str(LONGEST_HELP)) for name, command in commands]
                )


def verb(name: str, group: click.Group | None = None) -> Callable[[Callable], click.Command]:
    """Declare a function as a verb; the first paragraph of its docstring is the help, the others
    stand below it.
    """

    def declare(function: Callable[..., Answer]) -> click.Command:
        @click.pass_context
        def understood(context: click.Context, /, **options: Any) -> Call:
            named = {
                "home": context.find_root().params["home"],
                "target": options.pop("target", None),
                "wait_seconds": options.pop("wait", None),
            }
            return Call(function, options, named, options.pop("document_file", None))

        parameters = list(reversed(getattr(function, "__click_params__", [])))
        if "--out" not in {word for parameter in parameters for word in parameter.opts}:
            parameters.append(document_option())
        as_json = click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            help="Print one JSON document; --json=line prints a summary of it on one line.",
        )
        command = click.Command(
            name,
            callback=understood,
            params=[*parameters, as_json],
            help=inspect.cleandoc(function.__doc__ or ""),
        )
        if group is not None:
            group.add_command(command)
        return command

    return declare


def document_option() -> click.Option:
    """`--out FILE`, for a verb that writes no file of its own under that name."""
    return click.Option(
        ["--out", "document_file"],
        metavar="FILE",
        type=PATH,
        help="Write the JSON document to FILE as well.",
    )


def one_of(names: Callable[[], Iterable[str]]) -> Callable[..., list[str]]:
    """The completion of a word that is one of these names."""

    def complete(context: click.Context, parameter: click.Parameter, word: str) -> list[str]:
        return [name for name in names() if name.startswith(word)]

    return complete


def source_names() -> list[str]:
    """The sources that are declared."""
    from pipeline.declared.sources import load_contracts

    return list(load_contracts())


def table_names(layer: str = "") -> list[str]:
    """The tables and models that are declared, of one layer when it is given."""
    from pipeline.declared.dictionary import load_dictionary

    return [entry.name for entry in load_dictionary().values() if layer in ("", entry.layer)]


PROFILES = ("safe_harbor", "limited_data_set", "internal")


def leaves(function: Callable) -> Callable:
    """The options of a verb that lets rows out of the program: under which profile, and why."""
    profile = click.option(
        "--profile",
        default="safe_harbor",
        metavar="PROFILE",
        shell_complete=one_of(lambda: PROFILES),
        help="safe_harbor, limited_data_set or internal.",
    )
    reason = click.option(
        "--reason",
        default="",
        metavar="TEXT",
        help="Why, and for whom; for a limited data set under which agreement.",
    )
    return profile(reason(function))
