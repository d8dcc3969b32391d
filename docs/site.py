"""Pages of the docs site that stand outside docs/: README, changelog and their neighbours.

MkDocs calls the two functions (`hooks` of mkdocs.yml). A link that leads out of docs/, or into it,
is written anew for a site whose top is docs/.
"""

import re
from pathlib import Path
from urllib.parse import urljoin

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

TOP = Path(__file__).resolve().parent.parent
#: Page of the site -> file, both seen from their tops.
OUTSIDE = {
    "README.md": "README.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "LICENSE.md": "LICENSE",
    "data/README.md": "data/README.md",
}
_TARGET = re.compile(r"""(\]\(|href="|src=")(?!https?:|#)([^)"#]+)""")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand outside docs/."""
    for page, name in OUTSIDE.items():
        text = (TOP / name).read_text(encoding="utf-8")
        if name == "LICENSE":
            text = f"# Licence\n\n```\n{text}```\n"
        files.append(File.generated(config, page, content=relinked(text, name)))
    return files


def on_page_markdown(markdown: str, page: object, config: MkDocsConfig, files: Files) -> str:
    """Let links of the pages in docs/ lead to the pages that stand outside."""
    path = page.file.src_uri
    return markdown if path in OUTSIDE else relinked(markdown, f"docs/{path}")


def relinked(text: str, name: str) -> str:
    """The text of a file with links as they lead in the site; `name` is seen from the top of the
    checkout.
    """
    places = {file: page for page, file in OUTSIDE.items()}
    own = places.get(name, name.removeprefix("docs/"))

    def link(match: re.Match[str]) -> str:
        target = urljoin(name, match[2])
        in_site = places.get(target, target.removeprefix("docs/"))
        return match[1] + "../" * own.count("/") + in_site

    return _TARGET.sub(link, text)
