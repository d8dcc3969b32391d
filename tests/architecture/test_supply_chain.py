"""What the workbench is made of: pinned with hashes, without the tools of tests, listed, and
without secrets of ours in the tree.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from pipeline.config.project import PROJECT_DIR

PROJECT = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = (
    "requirements.lock",
    "requirements-test.lock",
    "requirements-feast.lock",
    "requirements-airflow.lock",
)
#: Shapes of keys that give access to something, and of passwords that are written down.
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[0-9A-Za-z]{36,}"
    r"|\bgithub_pat_\w{22,}"
    r"|\bglpat-[\w-]{20,}"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10,}"
    r"|\bsk-[0-9A-Za-z_-]{20,}"
    r"|\bpypi-AgE[\w-]{20,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
    r"|://[^/\s:@{}<>$]+:[^/\s:@{}<>$]{6,}@"
)


def blocks(lock: str) -> list[str]:
    """Each pin of a lock file, with its hashes and who asks for it."""
    text = (PROJECT_DIR / lock).read_text(encoding="utf-8")
    return re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]


def pins(lock: str) -> set[tuple[str, str]]:
    """Package and version; of one package there may be one for each version of Python."""
    return {re.match(r"([a-z0-9._-]+)==([^\s;\\]+)", block).groups() for block in blocks(lock)}


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", each)[0].lower().replace("_", "-") for each in requirements}


def test_the_tools_of_tests_are_not_in_what_runs():
    run = names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["install"])
    asked = {
        block.partition("==")[0]
        for block in blocks("requirements.lock")
        if PROJECT["name"] in block
    }
    assert asked == run
    tested = {name for name, _ in pins("requirements-test.lock")}
    tools = names(PROJECT["optional-dependencies"]["test"])
    assert tools <= tested
    assert (
        not {"pytest", "ruff", "playwright", "pip-audit"} & dict(pins("requirements.lock")).keys()
    )


def test_tests_run_with_the_versions_that_run():
    assert pins("requirements.lock") <= pins("requirements-test.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_the_hash_of_its_files(lock):
    assert [block for block in blocks(lock) if "--hash=sha256:" not in block] == []


def test_every_action_is_named_by_its_commit():
    used = [
        (path.name, step["uses"])
        for path in sorted((PROJECT_DIR / ".github" / "workflows").glob("*.yml"))
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        for step in job.get("steps", [])
        if "uses" in step
    ]
    assert len(used) > 4
    assert [
        each for each in used if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", each[1])
    ] == []


def test_the_bill_of_materials_lists_every_package_that_runs(tmp_path):
    out = tmp_path / "sbom.json"
    command = re.search(
        r"^\t\$\(BIN\)/(cyclonedx-py .*) -o sbom",
        (PROJECT_DIR / "Makefile").read_text(),
        re.MULTILINE,
    )
    program, *words = command[1].split()
    program = str(Path(sys.executable).with_name(program))
    subprocess.run(
        [program, *words, "-o", str(out)], cwd=PROJECT_DIR, check=True, capture_output=True
    )
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    listed = {(each["name"].lower(), each["version"]) for each in document["components"]}
    assert listed == pins("requirements.lock")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT_DIR, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    return [PROJECT_DIR / name for name in listed if name and (PROJECT_DIR / name).is_file()]


def test_no_file_of_the_tree_holds_a_secret():
    files = tracked()
    if not files:
        pytest.skip("no git checkout")
    found = [
        str(path.relative_to(PROJECT_DIR))
        for path in files
        if SECRETS.search(path.read_bytes().decode("utf-8", "replace")) and path != Path(__file__)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1B2" * 9,
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "postgres://user:" + "hunter2hunter@db/x",
        "xoxb-" + "123456789012",
    ],
)
def test_the_search_finds_each_kind_of_secret(text):
    assert SECRETS.search(f"key = '{text}'")


def test_known_weaknesses_are_looked_up_by_ci():
    workflow = yaml.safe_load(
        (PROJECT_DIR / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    )
    commands = [step.get("run") for step in workflow["jobs"]["supply-chain"]["steps"]]
    assert {"make audit", "make sbom"} <= set(commands)
