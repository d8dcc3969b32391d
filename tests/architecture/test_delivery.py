"""How the project is checked, released and deployed: workflows are sound, run what a developer
runs, and miss no test; container files are sound.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.config.project import PROJECT_DIR

WORKFLOWS = sorted((PROJECT_DIR / ".github" / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent
#: What a step may run beside targets of the Makefile: the programs of the place where it runs.
OF_THE_PLACE = ("gh release create ", "gh attestation verify ", "docker login ghcr.io ")


def jobs(path: Path) -> dict[str, dict]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


def commands(path: Path) -> list[str]:
    """What the steps of a workflow run, line by line."""
    return [
        line
        for job in jobs(path).values()
        for step in job.get("steps", [])
        for line in step.get("run", "").splitlines()
    ]


def dry(target: str) -> str:
    """The last command of a target, as make would give it to the shell."""
    done = subprocess.run(
        ["make", "--silent", "--dry-run", "--no-print-directory", *shlex.split(target)],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"make {target}: {done.stderr}"
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "command",
    [
        ("zizmor", "--offline", "--no-progress", "--quiet", ".github"),
        ("actionlint",),
        ("hadolint", "Containerfile"),
    ],
    ids=lambda command: command[0],
)
def test_workflows_and_container_files_are_sound(command):
    done = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (rule,) = [line for line in makefile() if line.strip().startswith(f"$(BIN)/{command[0]}")]
    assert rule.split()[1:] == list(command[1:])


def makefile() -> list[str]:
    return (PROJECT_DIR / "Makefile").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_step_is_a_target_that_runs_here_as_well(path):
    for command in commands(path):
        if command.startswith(OF_THE_PLACE):
            continue
        words = re.sub(r"\$\{\{.*?\}\}", "1", command).partition(" >> ")[0]
        assert words.startswith("make "), command
        dry(re.sub(r'"?\$\{?\w+[^ "]*"?', "1.2.3", words.removeprefix("make ")))


def test_the_jobs_of_a_change_end_in_a_quarter_of_an_hour():
    ci = jobs(PROJECT_DIR / ".github" / "workflows" / "ci.yml")
    assert {
        name: job["timeout-minutes"] for name, job in ci.items() if job["timeout-minutes"] > 15
    } == {}


def test_the_jobs_of_a_change_miss_no_test():
    """Also not one that somebody puts into a new folder."""
    covered: list[str] = []
    for job in jobs(PROJECT_DIR / ".github" / "workflows" / "ci.yml").values():
        parts = job.get("strategy", {}).get("matrix", {}).get("part", [1])
        for step in job["steps"]:
            if not step.get("run", "").startswith("make test-"):
                continue
            for part in parts:
                target = step["run"].removeprefix("make ").replace("${{ matrix.part }}", str(part))
                arguments = dry(target).partition("-m pytest ")[2]
                listed = subprocess.run(
                    ["bash", "-c", f"echo {arguments}"],
                    cwd=PROJECT_DIR,
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout.split()
                covered += [
                    each for word in listed if word.startswith("tests/") for each in files(word)
                ]
    assert sorted(covered) == files("tests")


def files(place: str) -> list[str]:
    """The test files at a path of the checkout."""
    path = PROJECT_DIR / place
    found = [path] if path.is_file() else path.rglob("test_*.py")
    return sorted(str(each.relative_to(PROJECT_DIR)) for each in found)


def test_everything_that_the_local_command_checks_is_a_job():
    local = (PROJECT_DIR / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"^make ([\w-]+)$", local, re.MULTILINE) == [
        "lint",
        "lint-sql",
        "lint-delivery",
        "test",
    ]
    ci = commands(PROJECT_DIR / ".github" / "workflows" / "ci.yml")
    assert {
        "make lint",
        "make lint-sql",
        "make lint-delivery",
        "make attack",
        "make docs",
        "make dbt-docs",
        "make audit",
    } <= set(ci)


def test_a_release_waits_for_every_check_and_a_deployment_for_an_environment():
    release = jobs(PROJECT_DIR / ".github" / "workflows" / "release.yml")
    assert release["checks"] == {"uses": "$/.github/workflows/ci.yml"}
    waits = {name: job.get("needs") for name, job in release.items()}
    assert waits == {
        "checks": None,
        "wheel": "checks",
        "container": "wheel",
        "publish": ["wheel", "container"],
    }
    (deploy,) = jobs(PROJECT_DIR / ".github" / "workflows" / "deploy.yml").values()
    assert deploy["environment"] == "${{ inputs.environment }}"
    verify, start = (
        next(at for at, step in enumerate(deploy["steps"]) if step.get("run", "").startswith(words))
        for words in ("gh attestation verify", "make deploy")
    )
    assert verify < start


def test_the_notes_of_a_release_are_its_part_of_the_changelog(tmp_path):
    for name in ("Makefile", "pyproject.toml", "CHANGELOG.md"):
        (tmp_path / name).write_bytes((PROJECT_DIR / name).read_bytes())
    version = re.search(r'^version = "(.+)"', (tmp_path / "pyproject.toml").read_text(), re.M)[1]

    def notes(of: str) -> int:
        return subprocess.run(
            ["make", "release-notes", f"VERSION={of}"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        ).returncode

    assert notes(version) == 0
    written = (tmp_path / "notes.md").read_text()
    assert written.strip() and written in (tmp_path / "CHANGELOG.md").read_text()
    assert "\n## " not in written
    assert notes("99.9.9") != 0
