"""The wheel in an environment of its own, called from a folder that has nothing to do with the
project.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from pages.shell.warm_up import log_in, visit
from pipeline.config.project import PROJECT_DIR
from tests.warehouse import query

#: Opens every page and prints what went wrong there.
OPEN_EVERY_PAGE = """
import sys
from icon_health import TREE
sys.path.insert(0, str(TREE))
from streamlit.testing.v1 import AppTest
from pages.widgets import menu
app = AppTest.from_file(str(TREE / "streamlit_app.py"), default_timeout=120).run()
for entry in menu.ENTRIES:
    app.switch_page(entry.script).run()
    print(entry.key, [error.value for error in app.exception], [error.value for error in app.error])
"""


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, and a folder to work in."""

    source: Path
    python: Path
    site_packages: Path
    folder: Path

    @property
    def command(self) -> str:
        """The path of `icon-health`."""
        return str(self.python.with_name("icon-health"))

    def call(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=own_environment() | environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def files(self) -> dict[str, tuple[int, int]]:
        """Size and moment of change of what the wheel brought; compiled Python aside."""
        return {
            str(path.relative_to(self.site_packages)): (
                path.stat().st_size,
                path.stat().st_mtime_ns,
            )
            for path in self.site_packages.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }


def own_environment() -> dict[str, str]:
    """The environment of this process without what tells Python or the project where to look."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "ICON_HEALTH"))
    }


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of the files that git knows, with the dependencies of this environment and without
    its editable install.
    """
    place = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    source = tracked_files(place / "source")
    wheels = place / "wheels"
    offline = ["--no-deps", "--no-index"]
    options = [*offline, "--no-build-isolation", "--wheel-dir", str(wheels)]
    subprocess.run([*pip, "wheel", *options, str(source)], check=True)
    venv.create(place / "environment", with_pip=False)
    python = place / "environment" / "bin" / "python"
    paths = {"base": str(place / "environment"), "platbase": str(place / "environment")}
    site_packages = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    # a folder named in a .pth file has its own .pth files not read: the editable install stays out
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "--python", python, "install", *offline, wheel], check=True)
    folder = place / "somewhere"
    foreign = folder / "pages" / "__init__.py"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("raise ImportError('the package of somebody else')\n")
    return Installed(source, python, site_packages, folder)


def tracked_files(place: Path) -> Path:
    """A copy of the checkout without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT_DIR / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT_DIR / name, place / name)
    return place


def files_below(place: Path, *folders: str) -> set[str]:
    """The files in folders of a place, as seen from there; compiled Python aside."""
    return {
        str(path.relative_to(place))
        for folder in folders
        for path in (place / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


@pytest.fixture(scope="module")
def built_home(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which the installed command loaded and built the sample that it ships."""
    home = tmp_path_factory.mktemp("built") / "home"
    result = installed.call(installed.command, "--home", str(home), "run")
    assert result.returncode == 0, result.stdout + result.stderr
    return home


def test_the_wheel_adds_one_package_and_the_command_explains_itself(installed):
    top = {path.name for path in installed.site_packages.iterdir() if path.is_dir()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"icon_health"}
    result = installed.call(installed.command, "--help")
    assert result.returncode == 0 and "quarantine" in result.stdout


def test_the_wheel_holds_every_file_of_what_runs(installed):
    folders = (".streamlit", "data/sample", "icon_dbt", "icon_health", "pages", "pipeline")
    tree = installed.site_packages / "icon_health" / "workbench"
    own = files_below(installed.site_packages, "icon_health") - files_below(
        installed.site_packages, "icon_health/workbench"
    )
    assert files_below(tree, *folders) | own == files_below(installed.source, *folders)
    assert (tree / "streamlit_app.py").is_file()


def test_the_installed_sample_gives_the_rows_of_the_checkout(built_home, sample_home):
    tables = "select name from sqlite_master where type = 'table' order by name"
    assert query(built_home, tables) == query(sample_home, tables)
    counts = {
        home: {
            name: query(home, f'select count(*) from "{name}"')[0][0]
            for (name,) in query(home, tables)
        }
        for home in (built_home, sample_home)
    }
    assert counts[built_home] == counts[sample_home]
    assert counts[built_home]["std_encounters"] > 0


def test_every_page_opens_in_the_installed_app(installed, built_home):
    result = installed.call(
        str(installed.python), "-P", "-c", OPEN_EVERY_PAGE, ICON_HEALTH_HOME=str(built_home)
    )
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines and [line for line in lines if not line.endswith(" [] []")] == []


def test_the_installed_app_answers_beside_a_foreign_folder_of_pages(installed, built_home):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [installed.command, "--home", str(built_home), "serve", "--port", str(port)],
        cwd=installed.folder,
        env=own_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with contextlib.ExitStack() as ends:
        ends.callback(server.wait)
        ends.callback(server.terminate)
        watchdog = threading.Timer(120, server.kill)
        watchdog.start()
        ends.callback(watchdog.cancel)
        line = server.stdout.readline()
        match = re.match(rf"Icon Health Workbench: http://127.0.0.1:{port}/\?token=(\S+)$", line)
        assert match, line
        visit("127.0.0.1", port, log_in(match[1], port))


def test_dbt_alone_builds_the_installed_project_into_folders_of_the_user(installed, built_home):
    tree = installed.call(
        str(installed.python), "-P", "-c", "import icon_health; print(icon_health.TREE)"
    ).stdout.strip()
    project = str(Path(tree) / "icon_dbt")
    result = installed.call(
        str(installed.python),
        *("-P", "-m", "dbt.cli.main", "build", "--select", "std_patients"),
        *("--project-dir", project, "--profiles-dir", project),
        *("--target-path", str(installed.folder / "target"), "--log-path", "logs"),
        ICON_HEALTH_HOME=str(built_home),
    )
    assert result.returncode == 0, result.stdout
    assert " ERROR=0 " in result.stdout and (installed.folder / "target").is_dir()


def test_data_of_an_installed_workbench_lie_where_the_system_keeps_those_of_a_user(
    installed, tmp_path
):
    code = (
        "import sys, icon_health; sys.path.insert(0, str(icon_health.TREE));"
        "from pipeline.config import load_settings; print(load_settings().home)"
    )
    home = installed.call(
        str(installed.python), "-P", "-c", code, XDG_DATA_HOME=str(tmp_path), HOME=str(tmp_path)
    ).stdout.strip()
    assert Path(home).is_relative_to(tmp_path) and Path(home).name == "warehouse"


def test_no_use_writes_into_the_installed_package(installed, built_home):
    before = installed.files()
    for verb in (["status"], ["build", "standard_model", "--full-refresh"]):
        result = installed.call(installed.command, "--home", str(built_home), *verb)
        assert result.returncode == 0, result.stderr
    assert installed.files() == before
    assert {path.name for path in installed.folder.iterdir()} <= {"pages", "target", "logs"}
