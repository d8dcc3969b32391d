"""How encodings from before Unicode are told: names that CLDR has for territories, languages and
months, in every encoding that can write them, and signs in plain text.

Nothing here comes from the lists of letters that the reader knows. What a first run of it showed
was mended in general rules, so it is a regression test since then. The truth of a file is its text,
not the label of its encoding: many encodings write some texts alike. A detector has read a file
right when the text that it decodes is the one that was written.
"""

import codecs
import csv
import encodings
import io
import pkgutil
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

from pipeline.errors import InputRefused
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.inspection import inspect
from pipeline.ingest.legacy_encodings import LEGACY
from pipeline.ingest.reading import ENCODINGS

#: A language is in the set when CLDR has so many names of territories in it, as it has for about
#: the hundred that are covered in full.
TERRITORIES = 200
#: Rows of a short and of a long file, and the names beyond ASCII in a file with one such row.
SHORT, LONG = 3, 60
PLAIN = 100
#: Modules of Python's encodings that write Unicode, or that no text is written in.
NOT_LEGACY = ("utf_", "_escape", "aliases", "idna", "punycode", "ascii", "charmap", "undefined")
#: Sign -> how it stands in cells; `{}` is a number.
SIGNS = {
    "£": ("£{}", "£ {}", "Price in £"),
    "€": ("{} €", "€{}", "Price (€)"),
    "°": ("{} °C", "{}°", "{}° north"),
    "±": ("±{}", "{} ± 2"),
    "·": ("north · {}", "· {} miles"),
    "½": ("{}½", "½ hour"),
    "ñ": ("El Niño {}", "piñata"),
}
RIGHT, FIRST, AMONG, WITHOUT, WRONG, REFUSED = OUTCOMES = (
    "right unasked",
    "asked, the right one first",
    "asked, the right one among the answers",
    "asked without the right one",
    "silently wrong",
    "refused or no answer",
)


@dataclass(frozen=True)
class EncodedFile:
    """A file of the set: what it is of (`names` or `signs`), the language or sign, its encoding,
    its length, what was written, and the bytes.
    """

    kind: str
    subject: str
    codec: str
    length: str
    text: str
    data: bytes


def legacy_codecs() -> tuple[str, ...]:
    """Every encoding of Python that is older than Unicode and writes ASCII as ASCII."""
    modules = (module.name for module in pkgutil.iter_modules(encodings.__path__))
    names = (name for name in modules if not any(part in name for part in NOT_LEGACY))
    return tuple(sorted({codecs.lookup(name).name for name in names if _writes_ascii(name)}))


def _writes_ascii(codec: str) -> bool:
    plain = "".join(map(chr, range(32, 127)))
    try:
        return plain.encode(codec) == plain.encode("ascii")
    except (LookupError, UnicodeError):
        return False


def corpus() -> Iterator[EncodedFile]:
    """Every file of the set, always the same."""
    for language, names in names_by_language().items():
        for length, text in _texts_of_names(language, names):
            yield from _in_every_encoding("names", language, length, text)
    for sign in SIGNS:
        for length, text in _texts_of_signs(sign):
            yield from _in_every_encoding("signs", sign, length, text)


def names_by_language() -> dict[str, list[str]]:
    """Language code -> its names of territories, languages and months that ASCII cannot write."""
    from babel import Locale
    from babel.localedata import locale_identifiers

    names = {}
    for code in sorted(code for code in locale_identifiers() if "_" not in code):
        locale = Locale.parse(code)
        if len(locale.territories) >= TERRITORIES:
            months = locale.months["stand-alone"]["wide"]
            every = {*locale.territories.values(), *locale.languages.values(), *months.values()}
            wide = sorted(name for name in every if not name.isascii() and name.isprintable())
            if len(wide) >= LONG:
                names[code] = wide
    return names


def _texts_of_names(language: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    chance = random.Random(language)
    yield "short", _table(chance, chance.sample(names, SHORT))
    yield "long", _table(chance, chance.sample(names, LONG))


def _texts_of_signs(sign: str) -> Iterator[tuple[str, str]]:
    chance = random.Random(sign)
    for form in SIGNS[sign]:
        cell = form.format(chance.randint(1, 99))
        yield "short", _table(chance, [cell])
        yield "long", _table(chance, [cell, *chance.sample(_plain_names(), PLAIN)])


@lru_cache(maxsize=1)
def _plain_names() -> list[str]:
    from babel import Locale

    return sorted(name for name in Locale.parse("en").territories.values() if name.isascii())


def _table(chance: random.Random, names: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["code", "name", "amount"])
    for name in chance.sample(names, len(names)):
        writer.writerow([chance.randint(1000, 9999), name, f"{chance.uniform(0, 900):.2f}"])
    return text.getvalue()


def _in_every_encoding(kind: str, subject: str, length: str, text: str) -> Iterator[EncodedFile]:
    for codec in legacy_codecs():
        try:
            data = text.encode(codec)
        except UnicodeError:
            continue
        if not data.isascii() and data.decode(codec) == text:
            yield EncodedFile(kind, subject, codec, length, text, data)


def outcome_of_ours(file: EncodedFile) -> str:
    """What the reader of this project makes of a file."""
    try:
        encoding = inspect(Delivery("names.csv", file.data)).encoding
    except InputRefused:
        return REFUSED
    if encoding.question is None:
        return RIGHT if _is_right(file, encoding.codec, encoding.errors) else WRONG
    answers = [ENCODINGS[str(choice.value)] for choice in encoding.question.choices]
    right = [_is_right(file, answer.codec, answer.errors) for answer in answers]
    return WITHOUT if not any(right) else FIRST if right[0] else AMONG


def outcome_of_chardet(file: EncodedFile) -> str:
    """What chardet makes of a file."""
    import chardet

    return _outcome_of_label(file, chardet.detect(file.data)["encoding"])


def outcome_of_charset_normalizer(file: EncodedFile) -> str:
    """What charset-normalizer makes of a file."""
    import charset_normalizer

    best = charset_normalizer.from_bytes(file.data).best()
    return _outcome_of_label(file, best.encoding if best else None)


def _outcome_of_label(file: EncodedFile, codec: str | None) -> str:
    if codec is None:
        return REFUSED
    try:
        return RIGHT if _is_right(file, codec, "replace") else WRONG
    except LookupError:
        return REFUSED


def _is_right(file: EncodedFile, codec: str, errors: str) -> bool:
    return file.data.decode(codec, errors).removeprefix("\ufeff") == file.text


DETECTORS: dict[str, Callable[[EncodedFile], str]] = {
    "ours": outcome_of_ours,
    "chardet": outcome_of_chardet,
    "charset-normalizer": outcome_of_charset_normalizer,
}


def group_of(file: EncodedFile) -> str:
    """The line of the table that a file counts in."""
    is_known = any(_is_right(file, codec, "replace") for codec in LEGACY)
    return f"{file.kind}, {file.length} file, encoding {'known' if is_known else 'not known'}"


def measure(detector: str, files: Sequence[EncodedFile]) -> tuple[dict[str, Counter], float]:
    """(group -> outcome -> files, and those of all under `all`; seconds of wall clock)."""
    counts: dict[str, Counter] = {}
    started = perf_counter()
    for file in files:
        outcome = DETECTORS[detector](file)
        for group in (group_of(file), "all"):
            counts.setdefault(group, Counter())[outcome] += 1
    return counts, perf_counter() - started
