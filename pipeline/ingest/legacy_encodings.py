"""Which of the encodings from before Unicode some bytes are in: each candidate decodes the lines
with bytes beyond ASCII, and the text that looks most like names wins, if it wins clearly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.ingest.alphabets import IDEOGRAPHS, WHOLE
from pipeline.ingest.evidence import Alternative, Evidence, confidence_of
from pipeline.ingest.letters import (
    doubtful,
    foreign_share,
    has_broken_word,
    plausibility,
)

WESTERN = (
    *("Spanish", "French", "German", "Portuguese", "Italian", "Catalan", "Dutch"),
    *("Swedish", "Finnish", "Danish", "Icelandic", "Faroese", "Albanian", "Irish", "Estonian"),
    *("Western European", "Nordic"),
)
CENTRAL = (
    *("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian", "German"),
    "Central European",
)
CYRILLIC = ("Russian", "Bulgarian", "Serbian", "Ukrainian")
EAST_ASIAN = ("Chinese", "Japanese", "Korean", *CYRILLIC, "Greek")
BALTIC = ("Lithuanian", "Latvian", "Estonian", "Baltic", "Hawaiian")
#: What an encoding of DOS or of old Macintoshes has to make good: few programs still write it.
OLD = 0.06
#: What the encodings that hardly any program writes today have to make good.
RARE = 0.1
#: The same for one that no program of the last decades writes.
RAREST = 0.25
#: Codec -> the languages that are written in it, and what it has to make good.
LEGACY: dict[str, tuple[tuple[str, ...], float]] = {
    "cp1252": (WESTERN, 0.0),
    "iso8859-15": (WESTERN, 0.02),
    "cp850": (WESTERN, OLD),
    "cp437": (WESTERN, OLD + 0.02),
    "mac-roman": (WESTERN, OLD),
    "cp1250": (CENTRAL, 0.0),
    "iso8859-2": (CENTRAL, 0.02),
    "cp852": (CENTRAL, OLD),
    "mac-latin2": (CENTRAL, OLD),
    "cp1251": (CYRILLIC, 0.0),
    "koi8-r": (CYRILLIC[:2], 0.02),
    "koi8-u": (("Ukrainian",), 0.03),
    "iso8859-5": (CYRILLIC, 0.02),
    "cp866": (CYRILLIC, OLD),
    "mac-cyrillic": (CYRILLIC, OLD),
    "cp1253": (("Greek",), 0.0),
    "iso8859-7": (("Greek",), 0.01),
    "cp737": (("Greek",), OLD),
    "cp1254": (("Turkish",), 0.0),
    "cp857": (("Turkish",), OLD),
    "mac-turkish": (("Turkish",), OLD),
    "cp1255": (("Hebrew",), 0.0),
    "iso8859-8": (("Hebrew",), 0.01),
    "cp862": (("Hebrew",), OLD),
    "cp1256": (("Arabic",), 0.0),
    "iso8859-6": (("Arabic",), 0.01),
    "cp1257": (BALTIC, 0.0),
    "iso8859-13": (BALTIC, 0.01),
    "cp775": (BALTIC, OLD),
    "cp1258": (("Vietnamese",), 0.0),
    "gb18030": ((), 0.02),
    "big5": (("Chinese (Taiwan)", *EAST_ASIAN[1:]), 0.02),
    "shift_jis": (EAST_ASIAN[1:], 0.02),
    "euc_jp": (EAST_ASIAN[1:], 0.03),
    "euc_kr": (EAST_ASIAN[1:], 0.0),
    **dict.fromkeys(("cp858", "cp860", "cp861", "cp863", "cp865"), (WESTERN, RARE)),
    "mac-iceland": (WESTERN, RARE),
    "hp-roman8": (WESTERN, RAREST),
    **dict.fromkeys(("mac-croatian", "mac-romanian"), (CENTRAL, RARE)),
    "iso8859-16": (CENTRAL, RAREST),
    **dict.fromkeys(("iso8859-4", "iso8859-10"), (BALTIC, RARE)),
    **dict.fromkeys(("cp855", "cp1125", "koi8-t"), (CYRILLIC, RARE)),
    "kz1048": ((*CYRILLIC, "Kazakh"), RARE),
    "ptcp154": ((*CYRILLIC, "Kazakh"), RAREST),
    "iso8859-3": (("Maltese", "Esperanto", "Turkish"), RAREST),
    "iso8859-14": (("Welsh", "Irish", "French"), RAREST),
    **dict.fromkeys(("cp869", "mac-greek"), (("Greek",), RARE)),
    "cp856": (("Hebrew",), RARE),
    "cp720": (("Arabic",), RARE),
    "cp874": (("Thai",), RARE),
    "johab": (EAST_ASIAN[1:], RARE),
    **dict.fromkeys(("euc_jis_2004", "shift_jis_2004", "big5hkscs", "cp949"), ((), RARE)),
}
#: What an encoding has to make good that is not of Western Europe: the fewer different letters
#: there are, the more.
ELSEWHERE = 0.15
#: Encodings of two bytes a letter: what is valid in one is rarely anything else.
TWO_BYTES = frozenset(
    codec for codec, (languages, _) in LEGACY.items() if not languages or "Japanese" in languages
)
#: A reading is taken without asking when it looks at least so good, and so much better than the
#: next that reads another text.
SURE, MARGIN = 0.62, 0.18
#: So many different bytes beyond ASCII prove more, so that a smaller margin will do.
MANY_BYTES, SMALL_MARGIN = 5, 0.1
#: A reading is a rival of the best when it comes so near where no encoding has to make anything
#: good; and so many lines tell.
RIVAL_MARGIN, RIVAL_LINES = 0.1, 100
#: More letters that the language does not have speak against it; of an alphabet of its own any.
FOREIGN, RIVAL_FOREIGN = 0.03, 0.06
#: Fewer different bytes beyond ASCII do not prove an encoding that few programs still write.
OLD_BYTES = 3
#: What is valid UTF-8 is hardly anything else: a reading has to look so good to be thought of.
BEYOND_UTF8 = 0.8
#: Fewer letters of an alphabet of its own prove none: any two bytes make such letters in several.
FEW_LETTERS = 3
#: Candidates that are offered to choose from.
OFFERED = 5
#: What bytes cost that an encoding does not know.
UNKNOWN_BYTES = 0.3


@dataclass(frozen=True)
class EncodingCandidate:
    """One way to decode: its codec, how much the text looks like names (0 to about 1), and in
    which language.
    """

    codec: str
    score: float
    language: str = ""


def candidates(lines: Iterable[bytes]) -> list[EncodingCandidate]:
    """Candidates for lines with bytes beyond ASCII, best first; of those that read the same text
    only the first is named, with the best of their scores.
    """
    data = b"\n".join(lines)
    best: dict[str, EncodingCandidate] = {}
    for codec, (languages, cost) in LEGACY.items():
        text = decoded(data, codec)
        score, language = plausibility(text.replace("\ufffd", ""), languages)
        if unknown := text.count("\ufffd"):
            wide = sum(1 for letter in text if letter > "\x7f")
            score = score * (1 - unknown / wide) - UNKNOWN_BYTES
        if codec not in TWO_BYTES and languages[:1] != WESTERN[:1]:
            cost += ELSEWHERE / _different_letters(text)
        same = best.get(text)
        if same is None:
            best[text] = EncodingCandidate(codec, round(score - cost, 3), language)
        elif same.score < score - cost:
            best[text] = EncodingCandidate(same.codec, round(score - cost, 3), language)
    return sorted(best.values(), key=lambda each: -each.score)


def _different_letters(text: str) -> int:
    return max(1, len({letter.lower() for letter in text if _is_wide(letter)}))


def decoded(data: bytes, codec: str) -> str:
    """The text of bytes, with a replacement mark for each that the codec does not know."""
    return data.decode(codec, "replace")


def is_clear(lines: Sequence[bytes], ranked: list[EncodingCandidate]) -> bool:
    """Whether the best candidate can be taken without asking."""
    first = ranked[0]
    runner_up = ranked[1].score if len(ranked) > 1 else 0.0
    wide = len({byte for byte in b"".join(lines) if byte > 127})
    if LEGACY[first.codec][1] >= OLD and wide < OLD_BYTES:
        return False
    text = decoded(b"\n".join(lines), first.codec)
    if first.language in WHOLE and sum(map(_is_wide, text)) < FEW_LETTERS:
        return False
    return (
        first.score >= SURE
        and first.score - runner_up >= (SMALL_MARGIN if wide >= MANY_BYTES else MARGIN)
        and foreign_share(text, first.language) <= (0 if first.language in WHOLE else FOREIGN)
        and not doubtful(text)
        and not has_broken_word(text)
        and not _is_rivalled(lines[:RIVAL_LINES], ranked)
    )


def _is_wide(letter: str) -> bool:
    return letter > "\x7f" and letter.isalpha()


def is_sound(lines: Sequence[bytes], candidate: EncodingCandidate) -> bool:
    """Whether a candidate reads names, and nothing that no name has. Ideographs are none: any two
    bytes make one.
    """
    if candidate.language in IDEOGRAPHS:
        return False
    text = decoded(b"\n".join(lines), candidate.codec)
    return _looks_sound(text, BEYOND_UTF8)


def _is_rivalled(lines: Sequence[bytes], ranked: list[EncodingCandidate]) -> bool:
    """Whether some other reading looks about as good as the best one if nothing is held against its
    encoding and any language may be in it: then only custom speaks for the best. One that reads
    signs where the best reads letters is none.
    """
    data = b"\n".join(lines)
    best = decoded(data, ranked[0].codec)
    least = plausibility(best)[0] - RIVAL_MARGIN
    letters = sum(map(str.isalpha, best))
    rivals = (decoded(data, each.codec) for each in ranked[1:])
    return any(
        text != best and sum(map(str.isalpha, text)) >= letters and _looks_sound(text, least)
        for text in rivals
    )


def _looks_sound(text: str, least: float) -> bool:
    """Whether a text looks at least so good, and nothing in it speaks against one language."""
    if doubtful(text) or has_broken_word(text):
        return False
    score, language = plausibility(text)
    return score >= least and foreign_share(text, language) <= RIVAL_FOREIGN


def evidence(ranked: list[EncodingCandidate], is_clear: bool) -> Evidence:
    """What speaks for the best candidate; below 0.5 when somebody is asked."""
    first = ranked[0]
    second = ranked[1] if len(ranked) > 1 else None
    confidence = confidence_of(first.score - (second.score if second else 0.0), MARGIN)
    return Evidence(
        confidence if is_clear else min(confidence, 0.49),
        (
            "its bytes are no UTF-8",
            f"so read, its letters are those of {first.language or 'names'} ({first.score:.2f})",
        ),
        Alternative(second.codec, second.score) if second else None,
    )
