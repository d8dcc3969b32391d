"""The lists of screens in the contracts of import-linter, from the folders of the pages."""

import re
from pathlib import Path

from pipeline.config.project import PROJECT_DIR
from pipeline.declared.screens import load_screens

FILE = PROJECT_DIR / "pyproject.toml"
#: Contract -> its key that lists the screens, and what the list holds beside them.
LISTS = {
    "Widgets know no screen and not the shell": ("forbidden_modules", ("pages.shell",)),
    "Screens do not import each other, named loans aside": ("modules", ()),
}


def stale() -> dict[Path, str]:
    """`pyproject.toml` with its present screens; empty when it has them already.

    Raises ValueError for a contract that is not there.
    """
    text = new = FILE.read_text(encoding="utf-8")
    for contract, (key, more) in LISTS.items():
        listed = re.compile(
            rf'(^name = "{re.escape(contract)}"\n(?:(?!^\[\[).*\n)*?{key} = )\[[^\]]*\]',
            re.MULTILINE,
        )
        names = [*more, *(f"pages.{screen.key}" for screen in load_screens())]
        modules = ", ".join(f'"{name}"' for name in names)
        new, count = listed.subn(rf"\g<1>[{modules}]", new)
        if count != 1:
            raise ValueError(f"{FILE.name} has no contract {contract!r}")
    return {} if new == text else {FILE: new}
