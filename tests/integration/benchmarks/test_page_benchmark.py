"""The benchmark of the pages runs every page and every action of its list on a home that is
there.
"""

import subprocess
import sys

import pytest

from benchmarks.pages import visits
from pipeline.config.project import PROJECT_DIR


@pytest.mark.long
def test_every_page_and_action_is_a_line_of_the_table(sample_home):
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.pages", "--home", str(sample_home), "--repeats", "1"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in process.stdout.splitlines()[2:]
    ]
    actions = [(title, visit.action) for title, visit in visits(sample_home)]
    assert [(page, action) for page, action, *_ in lines] == actions, process.stderr[-2000:]
    assert all(float(cell.strip("*").replace(",", "")) > 0 for line in lines for cell in line[2:6])
