"""Lists under the keys of a JSON document, as they come: of an envelope around one table, or of a
document that holds several.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import InputRefused, printable
from pipeline.ingest.json_names import KeyNames
from pipeline.ingest.json_window import Element, Window, elements

#: Lists are looked for so far down; no envelope is deeper.
MAX_DEPTH = 12


@dataclass(frozen=True)
class JsonList:
    """A list of objects: the keys that lead to it, joined by points; its elements; and the keys
    of its objects.
    """

    path: str
    elements: int
    keys: KeyNames

    @property
    def names(self) -> tuple[str, ...]:
        """One name for each of its columns."""
        return tuple(self.keys.header())


def lists_of_objects(window: Window, name: str) -> list[JsonList]:
    """The lists of a document that hold objects; where none does, the one list of it that is empty.
    None for objects one after another. Raises InputRefused for broken JSON, and where two
    lists stand under the same keys.
    """
    lists: dict[str, JsonList] = {}
    has_objects: set[str] = set()
    for path, items in lists_under(window):
        if path in lists:
            raise InputRefused(
                f"holds two lists under {printable(path)!r}",
                name,
                "give each list a key of its own",
            )
        keys = KeyNames()
        count = 0
        for _, value, _ in items:
            count += 1
            if isinstance(value, dict):
                keys.add(value)
                has_objects.add(path)
        lists[path] = JsonList(path, count, keys)
    if window.peek():
        return []
    if has_objects:
        return [each for each in lists.values() if each.path in has_objects]
    return list(lists.values()) if [each.elements for each in lists.values()] == [0] else []


def lists_under(
    window: Window, path: str = "", depth: int = 0
) -> Iterator[tuple[str, Iterator[Element]]]:
    """(keys that lead to it, its elements) of each list in the object that comes next; elements
    that a caller leaves are stepped over.
    """
    window.take("{")
    while window.peek() != "}":
        if window.before != "{":
            window.take(",")
        if window.peek() != '"':
            window.take('"')
        key, _ = window.value()
        window.take(":")
        here = f"{path}.{key}" if path else str(key)
        letter = window.peek()
        if letter == "[":
            items = elements(window)
            yield here, items
            for _ in items:
                pass
        elif letter == "{" and depth < MAX_DEPTH:
            yield from lists_under(window, here, depth + 1)
        else:
            window.value()
    window.take("}")
    window.before = ""
