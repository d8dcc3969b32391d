"""A page is a folder that says where it stands."""

import pytest

from pipeline.declared.screens import PAGES_DIR, SECTIONS, load_screens, tables
from pipeline.declared.sources import source_names
from pipeline.errors import InputRefused

DECLARED = (
    'section: Review\nplace: 9\ntitle: Claims\nicon: ":material/receipt:"\nurl_path: claims\n'
)


def declare(folder, text: str) -> None:
    (folder / "claims").mkdir()
    (folder / "claims" / "page.yml").write_text(text, encoding="utf-8")


def test_every_folder_with_a_script_is_in_the_menu_under_a_path_of_its_own():
    screens = load_screens()
    assert {screen.key for screen in screens} == {
        path.parent.name for path in PAGES_DIR.glob("*/page.py")
    }
    assert len({screen.url_path for screen in screens}) == len(screens)
    assert len({(screen.section, screen.place) for screen in screens}) == len(screens)
    assert all(screen.purpose for screen in screens)
    assert screens[0].section == SECTIONS[0]


def test_a_page_that_shows_every_source_names_each_in_its_tables(tmp_path):
    declare(tmp_path, DECLARED + "shows: [ledger, quarantine_<source>]\n")
    (screen,) = load_screens(tmp_path)
    assert list(tables(screen)) == ["ledger", *(f"quarantine_{name}" for name in source_names())]


def test_a_page_names_the_services_that_it_borrows(tmp_path):
    declare(tmp_path, DECLARED + "borrows: [run]\n")
    (screen,) = load_screens(tmp_path)
    assert (screen.borrows, screen.shows) == (("run",), ())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (DECLARED + "colour: red\n", "there is no key `colour` here"),
        (DECLARED.replace("place: 9", "place: last"), "`place` cannot be 'last'"),
        (DECLARED.replace("title: Claims\n", ""), "the key `title` is missing"),
        (DECLARED.replace("Review", "Elsewhere"), "there is no section `Elsewhere`"),
    ],
)
def test_a_mistake_is_refused_with_its_file(tmp_path, text, what):
    declare(tmp_path, text)
    with pytest.raises(InputRefused) as refused:
        load_screens(tmp_path)
    assert refused.value.what == what and refused.value.where == "pages/claims/page.yml"
