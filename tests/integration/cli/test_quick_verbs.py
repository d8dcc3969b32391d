"""Verbs that only look load nothing slow and answer at once."""

import resource
import subprocess
import sys

import pytest

from pipeline.config.project import PROJECT_DIR


@pytest.mark.parametrize("words", [["--help"], ["status"], ["status", "--json"]])
def test_a_quick_verb_loads_nothing_slow(tmp_path, words):
    code = (
        "import sys; from pipeline.cli.main import main; main(sys.argv[1:]); "
        "slow = {'dbt', 'pandas', 'streamlit', 'rich', 'pydantic', 'importlib.metadata'}; "
        "sys.exit(', '.join(slow & set(sys.modules)) or 0)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, "--home", str(tmp_path), *words],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0 and process.stdout, process.stderr


@pytest.mark.parametrize("word", ["--help", "status"])
def test_a_quick_verb_takes_less_than_three_tenths_of_a_second(tmp_path, word):
    command = [sys.executable, "-m", "pipeline", "--home", str(tmp_path), word]
    starts = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        starts.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(starts) < 0.3, "seconds of the processor; those of the clock hang on what else runs"
