"""The pages of the workbench as their folders declare them: `pages/<key>/page.yml`."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.config.project import PROJECT_DIR
from pipeline.declared.sources import source_names
from pipeline.declared.yaml_files import read_yaml
from pipeline.errors import InputRefused

PAGES_DIR = PROJECT_DIR / "pages"
#: The headings of the menu, in its order; the first stands without a heading.
SECTIONS = ("Start", "Load", "Review", "Explore", "About")
KEYS = {"section": str, "place": int, "title": str, "icon": str, "url_path": str}
OPTIONAL = {"shows": list, "borrows": list}
#: Stands in `shows` for every source.
EACH_SOURCE = "<source>"


@dataclass(frozen=True)
class Screen:
    """One page: its folder in `pages/`, where it stands in the menu, and how menu and address name
    it.

    `url_path` is what people have bookmarked; it stays when a folder is renamed. `shows` are the
    tables that it reads; empty where it shows any table, or none. `borrows` are the services of
    other words than its own that it uses.
    """

    key: str
    section: str
    place: int
    title: str
    icon: str
    url_path: str
    shows: tuple[str, ...] = ()
    borrows: tuple[str, ...] = ()

    @property
    def script(self) -> str:
        """The script of the page, from the folder of `streamlit_app.py`."""
        return f"pages/{self.key}/page.py"

    @property
    def purpose(self) -> str:
        """What the page shows: the first paragraph of its script's docstring."""
        text = (PROJECT_DIR / self.script).read_text(encoding="utf-8")
        return " ".join((ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].split())


@lru_cache
def load_screens(folder: Path = PAGES_DIR) -> tuple[Screen, ...]:
    """Every page in the order of the menu; the first is the start page.

    Raises InputRefused for a declaration with a mistake.
    """
    screens = [_screen(path) for path in sorted(folder.glob("*/page.yml"))]
    return tuple(sorted(screens, key=lambda each: (SECTIONS.index(each.section), each.place)))


def tables(screen: Screen) -> Iterator[str]:
    """The tables that a page declares, `<source>` replaced by each source."""
    for name in screen.shows:
        if EACH_SOURCE in name:
            yield from (name.replace(EACH_SOURCE, source) for source in source_names())
        else:
            yield name


def _screen(path: Path) -> Screen:
    declared = read_yaml(path) or {}
    where = f"pages/{path.parent.name}/page.yml"
    for key, value in declared.items():
        kind = (KEYS | OPTIONAL).get(key)
        if kind is None:
            raise InputRefused(
                f"there is no key `{key}` here", where, f"keys: {_listed(KEYS | OPTIONAL)}"
            )
        if not isinstance(value, kind):
            raise InputRefused(f"`{key}` cannot be {value!r}", where, f"it is a {kind.__name__}")
    for key in KEYS:
        if key not in declared:
            raise InputRefused(f"the key `{key}` is missing", where, "add it")
    if declared["section"] not in SECTIONS:
        what = f"there is no section `{declared['section']}`"
        raise InputRefused(what, where, f"sections: {_listed(SECTIONS)}")
    lists = {key: tuple(declared.get(key, ())) for key in OPTIONAL}
    return Screen(path.parent.name, **declared | lists)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
