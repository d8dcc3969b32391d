"""Documentation is a test: every page, verb, setting, rule and column is documented, by iterating
the registries.
"""

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from docs.make import DECLARED, stale, written_pages
from docs.making import measured, outputs, surfaces
from docs.making.marked import block, names
from pipeline.cli.main import understood
from pipeline.config.project import PROJECT_DIR
from pipeline.config.table import SETTINGS
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.screens import load_screens
from pipeline.declared.sources import load_contracts, load_delivery_rules
from pipeline.orchestrate.queue import RunRequest
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from tests.warehouse import query

README = PROJECT_DIR / "README.md"
DOCS = PROJECT_DIR / "docs"
RULES = [rule for contract in load_contracts().values() for rule in contract.rules] + list(
    load_delivery_rules()
)
DESCRIBED_LAYERS = ("standard_model", "enterprise_datasets", "feature_store")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def test_generated_parts_are_what_the_declarations_say():
    assert [path.name for path in stale()] == [], "run: python -m docs.make"


def test_every_block_has_a_maker_and_every_maker_a_block():
    missing = {name for path in written_pages() for name in names(path.read_text(encoding="utf-8"))}
    assert missing == {
        *DECLARED,
        *outputs.makers(Path("unused")),
        *measured.makers(Path("unused")),
        *measured.chance_makers(),
        *measured.baseline_makers(),
        *measured.disclosure_makers(),
    }


@pytest.mark.parametrize("screen", load_screens(), ids=lambda screen: screen.title)
def test_every_page_says_what_it_answers(screen):
    own = PROJECT_DIR / "pages" / screen.key / "README.md"
    text = own.read_text(encoding="utf-8") if own.exists() else text_of("pages.md")
    assert re.search(rf"^##? {re.escape(screen.title)}\n\n\*.+\?\*", text, re.MULTILINE)


@pytest.mark.parametrize("verb", [name for name, _ in surfaces.verbs()])
def test_every_verb_is_documented_with_all_its_options(verb):
    command = dict(surfaces.verbs())[verb]
    row = next(
        line for line in text_of("interfaces.md").splitlines() if re.match(rf"\| `{verb}[ `]", line)
    )
    assert [
        parameter.opts[0]
        for parameter in command.params
        if isinstance(parameter, click.Option)
        and parameter.opts != ["--json"]
        and parameter.opts[0] not in row
    ] == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting):
    row = next(
        line
        for line in text_of("settings.md").splitlines()
        if line.startswith(f"| `{setting.name}` ")
    )
    assert setting.env_var in row and setting.help in row


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_says_why_it_is_there_and_what_to_do(rule):
    assert rule.why and rule.remedy
    assert f"### {rule.rule_id} `{rule.name}`" in text_of("rules.md")


def test_every_column_that_readers_rely_on_is_in_the_dictionary(sample_home):
    entries = load_dictionary()
    missing = []
    for name, entry in entries.items():
        if entry.layer not in DESCRIBED_LAYERS:
            continue
        described = entry.columns or entries[name.removesuffix("_latest")].columns
        built = [row[1] for row in query(sample_home, f"pragma table_info({name})")]
        section = text_of("data_dictionary.md").split(f"### {name}\n")[1].split("\n#")[0]
        missing += [f"{name}.{column}" for column in built if f"| `{column}` |" not in section]
        missing += [
            f"{name}.{verb.name} is not built" for verb in described if verb.name not in built
        ]
    assert missing == []


def test_output_in_the_readme_is_what_the_commands_print(sample_home):
    for name, command in (("suggestions", outputs.REVIEW),):
        assert outputs.without_times(block(README, name)) == outputs.without_times(
            outputs.transcript(command, sample_home)
        )


def test_figures_of_the_run_in_the_readme_are_those_of_the_sample(sample_home):
    from pipeline.config import load_settings

    with open_control(load_settings(home=sample_home)) as control:
        result = runs.get(control, "R000001").result
    lines = [line.replace(",", "").split() for line in block(README, "run").splitlines()]
    assert [
        row
        for row in ([str(cell) for cell in row.values()] for row in result["ledger"])
        if row not in lines
    ] == []
    rules = [
        [rule["rule_id"], rule["entity"], rule["action"], str(rule["failing_rows"])]
        for rule in result["rules"]
        if rule["failing_rows"]
    ]
    assert rules and [row for row in rules if row not in lines] == []
    assert f"{sum(result['quarantine'].values())} rows wait" in README.read_text(encoding="utf-8")


def test_every_command_in_the_docs_is_one_that_the_command_line_takes():
    for path in written_pages():
        for line in re.findall(
            r"^\$ icon-health (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            call = understood(shlex.split(line))
            verb = call.function.__name__
            if verb in ("run", "build"):
                RunRequest.checked(
                    verb,
                    call.options.get("layers"),
                    False,
                    None,
                    [PROJECT_DIR / path for path in call.options.get("paths", [])],
                    "",
                )


def test_every_make_target_in_the_docs_exists():
    targets = set(
        re.findall(
            r"^([a-z]+):", (PROJECT_DIR / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    named_targets = {
        word
        for path in written_pages()
        for word in re.findall(
            r"`make ([a-z]+)`|^make ([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
        for word in word
        if word
    }
    assert named_targets and named_targets <= targets


@pytest.mark.parametrize("path", written_pages(), ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path):
    gone = [
        link
        for link in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / link).exists()
    ]
    assert gone == []


@pytest.mark.parametrize("path", written_pages(), ids=lambda path: path.name)
def test_no_page_names_a_folder_of_one_machine(path):
    assert not re.search(
        r"(?<![\w.])/(work|home|root|tmp|Users)/", path.read_text(encoding="utf-8")
    )


def test_every_page_of_the_docs_can_be_reached_from_the_readme():
    linked = set(LINK.findall(README.read_text(encoding="utf-8")))
    assert [page.name for page in DOCS.glob("*.md") if f"docs/{page.name}" not in linked] == []


def test_every_file_at_the_top_is_named_in_the_architecture_page():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT_DIR, check=True, capture_output=True, text=True
    )
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert "pyproject.toml" in top
    assert [name for name in sorted(top) if f"`{name}" not in text_of("architecture.md")] == []
