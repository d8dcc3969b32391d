"""What a release is made from agrees: version, changelog, licence, workflows."""

import re
import tomllib

import pytest
import yaml

from pipeline.config.project import PROJECT_DIR

CHANGELOG = (PROJECT_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONFIGURATIONS = sorted((PROJECT_DIR / ".github").rglob("*.yml"))


def versions() -> list[str]:
    """The released versions of the changelog, newest first."""
    return re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", CHANGELOG, re.MULTILINE)


def test_the_version_of_the_project_is_the_newest_one_of_the_changelog():
    assert versions()[0] == PROJECT["version"]
    assert versions() == sorted(
        versions(), key=lambda version: [int(part) for part in version.split(".")], reverse=True
    )


def test_every_version_of_the_changelog_says_what_was_added_changed_or_fixed():
    parts = re.split(r"^## (.+)$", CHANGELOG, flags=re.MULTILINE)[1:]
    assert parts[0] == "Unreleased"
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        kinds = re.findall(r"^### (.+)$", text, re.MULTILINE)
        assert kinds and len(kinds) == len(set(kinds)), heading
        assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_no_line_of_the_changelog_stands_there_twice():
    entries = re.findall(r"^- .+$", CHANGELOG, re.MULTILINE)
    assert entries and [entry for entry in entries if entries.count(entry) > 1] == []


def test_the_licence_that_is_named_is_the_one_that_is_there():
    text = (PROJECT_DIR / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["license"] == "Apache-2.0" and "Version 2.0, January 2004" in text


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_every_configuration_of_the_repository_is_yaml(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)
