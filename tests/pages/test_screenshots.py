"""The pictures in the documentation."""

import struct

import pytest

from pipeline.config.project import PROJECT_DIR
from tests.pages.conftest import PAGES


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_small_picture_in_the_docs(page):
    picture = (PROJECT_DIR / "docs" / "screenshots" / f"{page.split('/')[-1]}.png").read_bytes()
    width, _ = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG") and width == 1280
    assert len(picture) < 150_000
