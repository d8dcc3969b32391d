"""Names of columns in JSON: the keys of its objects. A key is the same column however it is
spelled, as in the header of a text, unless an object has it in two spellings.
"""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.ingest.header import compact

#: So many different sets of keys are remembered; of further ones each object is looked at.
SHAPES = 4096


class KeyNames:
    """The keys of objects as they come, in order of appearance."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}
        self._shapes: set[tuple[str, ...]] = set()
        self._in_two_spellings: set[str] = set()
        self._has_further_shapes = False

    def add(self, keys: Iterable[str]) -> None:
        """Take the keys of an object in."""
        shape = tuple(keys)
        if shape in self._shapes:
            return
        if len(self._shapes) < SHAPES:
            self._shapes.add(shape)
        else:
            self._has_further_shapes = True
        self._keys.update(dict.fromkeys(shape))
        seen: set[str] = set()
        for name in map(_folded, shape):
            (self._in_two_spellings if name in seen else seen).add(name)

    def header(self) -> list[str]:
        """One name for each column, the spelling that came first."""
        named: dict[str, str] = {}
        for key in self._keys:
            name = _folded(key)
            named.setdefault(key if name in self._in_two_spellings else name, key)
        return list(named.values())

    def are_apart(self, *keys: str) -> bool:
        """Whether it is sure that no object has two of these keys, in whatever spelling."""
        names = set(map(_folded, keys))
        return (
            len(names) == len(keys)
            and not self._has_further_shapes
            and all(len(names.intersection(map(_folded, shape))) < 2 for shape in self._shapes)
        )


class Cells:
    """The values of an object in the order of a header, whatever spelling its keys have.

    `stand_ins`: place of a further name of a column -> that of its first one, which no object has
    as well.
    """

    def __init__(self, header: Sequence[str], stand_ins: Mapping[int, int] | None = None) -> None:
        self._header = header
        self._stand_ins = {header[at]: header[first] for at, first in (stand_ins or {}).items()}
        self._names = frozenset(header)
        self._spelled = {_folded(name): name for name in header}

    def of(self, record: dict) -> list[object]:
        """One value for each name; None for a key that the object lacks."""
        if not record.keys() <= self._names:
            record = {
                key if key in self._names else self._spelled.get(_folded(key), key): value
                for key, value in record.items()
            }
        if not self._stand_ins.keys().isdisjoint(record):
            record = {self._stand_ins.get(key, key): value for key, value in record.items()}
        return list(map(record.get, self._header))


def _folded(key: str) -> str:
    return compact(key) or key
