"""What words in a file mean where its sender has words of its own for the values that a rule
allows: what may be stated, what is proposed, and what a file says about it.
"""

from collections.abc import Iterable, Iterator, Sequence

from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.reading import Reading
from pipeline.ingest.results import Finding
from pipeline.store.warehouse.value_words import Words, folded

#: Value -> words for it in other languages and codings (1 and 2 are those of ISO/IEC 5218). They
#: are proposed, never applied by themselves.
PROPOSED = {
    "male": (
        *("man", "men", "boy", "mr", "1", "männlich", "maennlich", "mann", "herr", "masculin"),
        *("homme", "masculino", "hombre", "varon", "varón", "maschile", "uomo", "mannelijk"),
    ),
    "female": (
        *("woman", "women", "girl", "mrs", "ms", "2", "w", "weiblich", "frau", "féminin"),
        *("feminin", "femme", "femenino", "mujer", "femminile", "donna", "vrouwelijk", "feminino"),
    ),
    "other": ("x", "d", "divers", "diverse", "nonbinary", "non-binary", "autre", "otro", "altro"),
    "unknown": (
        *("0", "not known", "not stated", "unbekannt", "k.a.", "inconnu", "desconocido"),
        *("sconosciuto", "onbekend"),
    ),
}


def is_understood(word: str, allowed: Sequence[str]) -> bool:
    """Whether the rules know a word by themselves: an allowed value, or the first letter of one."""
    known = folded(word)
    return known in allowed or known in {value[0] for value in allowed}


def proposal(word: str, allowed: Sequence[str]) -> str | None:
    """The allowed value that a word is known to mean elsewhere."""
    return next((value for value in allowed if folded(word) in PROPOSED.get(value, ())), None)


def parsed(texts: Iterable[str]) -> Words | None:
    """`gender:männlich=male` as triples; None for nothing. Raises InputRefused for other texts, and
    for a column that has no list of allowed values in any source.
    """
    triples = []
    columns = sorted({column for each in load_contracts().values() for column in each.domains})
    for text in texts:
        column, colon, rest = text.partition(":")
        word, equals, value = rest.rpartition("=")
        if not (colon and equals and column.strip() and word.strip() and value.strip()):
            raise InputRefused("is no word with its value", text, "write COLUMN:WORD=VALUE")
        if column.strip() not in columns:
            raise InputRefused(
                "has no list of allowed values",
                column.strip(),
                f"columns that have: {', '.join(columns)}",
            )
        triples.append((column.strip(), folded(word), value.strip()))
    return tuple(triples) or None


def checked(words: Words, contract: SourceContract) -> Words:
    """The words as they are stored; raises InputRefused for a column without a list of allowed
    values, a value that is not in it, a word that is understood anyway or is stated twice.
    """
    found: dict[tuple[str, str], str] = {}
    for column, word, value in words:
        allowed, known = contract.domains.get(column), folded(word)
        if allowed is None:
            columns = ", ".join(contract.domains) or "none"
            raise InputRefused(
                "has no list of allowed values", column, f"columns that have: {columns}"
            )
        if value not in allowed:
            raise InputRefused("is no allowed value", value, f"choose one of {', '.join(allowed)}")
        if not known or is_understood(known, allowed):
            raise InputRefused("needs no meaning", f"a word of {column}", "leave it out")
        if found.setdefault((column, known), value) != value:
            raise InputRefused("has two meanings", f"a word of {column}", "give it one")
    return tuple((column, word, value) for (column, word), value in sorted(found.items()))


def in_force(reading: Reading, contract: SourceContract) -> Words:
    """The words by which a file is read: those decided for it, as far as they are about its
    columns. Raises InputRefused for words that cannot be stated.
    """
    about_it = (triple for triple in reading.words or () if triple[0] in contract.domains)
    return checked(tuple(about_it), contract)


def about_words(counts: dict[str, int], reading: Reading) -> Iterator[Finding]:
    """How many cells of each delivered column were read by stated words."""
    why = f", as for {reading.recalled_from}" if "words" in reading.recalled else ""
    for column, count in counts.items():
        if count:
            yield Finding("ROW-01", column, count, f"words read as stated{why}")
