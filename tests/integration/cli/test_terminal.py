"""The command line on a terminal: help by headings, completion, tables in its width, progress; and
plain text for anything else.
"""

import io
import os
import pty
import re
import subprocess
import sys

import pytest
from rich.console import Console

from docs.making import surfaces
from pipeline.cli import main, progress, screen, text
from pipeline.config.project import PROJECT_DIR
from pipeline.transform.records import NodeResult, PlannedNode
from tests.factories import patient, write_delivery

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]m")


@pytest.fixture
def on_a_terminal(tmp_path):
    """What a command writes to a terminal of 70 columns."""

    def run(*words, **environment):
        ours, theirs = pty.openpty()
        variables = {"TERM": "xterm-256color", "COLUMNS": "70"} | environment
        running = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "--home", str(tmp_path / "home"), *map(str, words)],
            cwd=PROJECT_DIR,
            env={key: value for key, value in os.environ.items() if key != "NO_COLOR"} | variables,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        written = b""
        try:
            while chunk := os.read(ours, 65536):
                written += chunk
        except OSError:
            pass  # the end of a terminal is an error of its reader
        os.close(ours)
        assert running.wait(timeout=60) == 0, written
        return written.decode()

    return run


def test_help_names_every_verb_below_its_heading(capsys):
    assert main.main(["--help"]) == 0
    help_text = capsys.readouterr().out
    assert help_text.startswith("Usage: icon-health ")
    headings = re.findall(r"^([A-Z][a-z ]+):$", help_text, re.MULTILINE)
    assert headings == ["Options", *main.SECTIONS]
    for name in {verb.split()[0] for verb, _ in surfaces.verbs()}:
        assert re.search(rf"^  {name} +[A-Z]", help_text, re.MULTILINE), name


@pytest.mark.parametrize(("verb", "command"), surfaces.verbs(), ids=lambda value: str(value))
def test_every_verb_and_every_option_has_a_help_text(verb, command, capsys):
    assert main.main([*verb.split(), "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: icon-health {verb} ")
    options = [each for each in command.params if each.param_type_name == "option"]
    assert command.help and all(option.help for option in options)


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("icon-health sta", {"status"}),
        (
            "icon-health quarantine re",
            {"recipe", "recipes", "reject", "release", "reply", "revert"},
        ),
        ("icon-health quarantine list --entity ref", {"referrals"}),
        ("icon-health build stan", {"standard_model"}),
        ("icon-health export --profile li", {"limited_data_set"}),
        ("icon-health features get feat_employer_l", {"feat_employer_latest"}),
        ("icon-health run --full", {"--full-refresh"}),
    ],
)
def test_the_shell_completes_verbs_options_and_names(words, completed):
    variables = {
        "_ICON_HEALTH_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "pipeline"],
        cwd=PROJECT_DIR,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.split(",")[1] for line in done.stdout.splitlines()} == completed


def test_a_terminal_gets_a_drawn_table_and_a_pipe_a_plain_one(on_a_terminal, tmp_path, capsys):
    drawn = on_a_terminal("status")
    assert "───" in drawn and COLOUR.search(drawn) and "landing_zone" in drawn
    assert not COLOUR.search(on_a_terminal("status", NO_COLOR="1"))
    main.main(["--home", str(tmp_path / "home"), "status"])
    plain = capsys.readouterr().out
    assert "─" not in plain and "\x1b" not in plain
    assert on_a_terminal("status", TERM="dumb").replace("\r\n", "\n") == plain


def test_a_terminal_sees_a_file_being_loaded(on_a_terminal, tmp_path):
    folder = write_delivery(tmp_path / "new", patients=[patient(1), patient(2)])
    drawn = on_a_terminal("ingest", folder)
    assert "100/100" in drawn and "patients.csv" in drawn
    assert max(len(line) for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn).split("\r")) < 90


def events(listener):
    steps = [("m.a", "a", "landing_zone"), ("m.b", "b", "landing_zone"), ("m.c", "c", "gold")]
    with listener:
        listener.loading("/somewhere/patients.csv", 50)
        listener.plan([PlannedNode(*step, "model") for step in steps])
        for step in steps:
            listener.note(NodeResult(*step, "model", "running"))
            status, message = ("error", "no such\n column") if "m.c" in step else ("success", None)
            listener.note(NodeResult(*step, "model", status, message=message))


def test_bars_count_the_steps_done_of_those_planned():
    written = io.StringIO()
    events(progress.Bars(Console(file=written, force_terminal=True, width=100)))
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.getvalue())
    assert "failed: c: no such column" in last
    for bar, count in (("patients.csv", "50/100"), ("landing_zone", "2/2"), ("gold", "1/1")):
        assert re.search(rf"{bar} .*{count}", last), bar


def test_lines_tell_a_log_of_layers_and_failed_steps(capsys):
    events(progress.Lines())
    out, err = capsys.readouterr()
    assert out == "" and "\x1b" not in err
    assert [line.split()[:3] for line in err.splitlines()] == [
        ["landing_zone", "2", "steps"],
        ["failed:", "c:", "no"],
        ["gold", "1", "step"],
    ]


def test_numbers_stand_to_the_right_and_no_cell_steers_the_terminal():
    shown = text.table([("a\x1b[2J\nb", 1200), ("c", 3)], ("name", "rows"), "Loads", "two")
    assert text.plain([shown, "end"]).splitlines() == [
        "Loads",
        "  name      rows",
        "  a [2J b  1,200",
        "  c            3",
        "  two",
        "",
        "end",
    ]
    written = io.StringIO()
    screen.show([shown, text.table([], ("name",))], Console(file=written, width=40))
    assert "\x1b[2J" not in written.getvalue() and "nothing" in written.getvalue()
    assert re.search(r"c +3\s*$", written.getvalue(), re.MULTILINE)


def test_a_table_that_nobody_reads_on_a_screen_is_written_plainly():
    rows = [(number,) for number in range(text.LONGEST_TABLE + 1)]
    assert text.is_long([text.table(rows, ("n",))])
    assert not text.is_long(["text", text.table(rows[1:], ("n",))])
