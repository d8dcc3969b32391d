"""Signs beyond ASCII that texts in any language have, and where they stand: `£` before a number,
`°` behind one, `–` between words. A letter that stands there instead was decoded wrongly.
"""

import re
import unicodedata

#: Signs -> the neighbours that they have: d digit, l letter, s anything else or the border, the one
#: before them first.
NEIGHBOURS = {
    "£€¥¢¤": ("sd", "ss", "ds"),
    "°": ("ds", "dl", "ss", "sl", "ls"),
    "±": ("sd", "ss"),
    "µ": ("dl", "sl"),
    "¼½¾": ("ds", "ss", "sd"),
    "²³¹": ("ls", "ds", "sd", "ld"),
    "·•": ("ss", "sl", "sd"),
    "–—": ("ss", "dd", "ds", "sd", "ls", "sl"),
    "…": ("ls", "ss", "ds", "sl"),
    "®™†‡": ("ls", "ds", "ss"),
    "©": ("ss", "sd", "sl"),
    "§": ("ss", "sd"),
    "×÷": ("dd", "ss", "sd", "ds", "ll"),
    "“„«‘‚¿¡": ("sl", "sd", "ls"),
    "”»’´": ("ls", "ds", "ll", "sl"),
    "¬¦": ("ss", "sl"),
    "ªº": ("ds", "ls"),
}
PLACES = {sign: frozenset(pairs) for signs, pairs in NEIGHBOURS.items() for sign in signs}
#: Cells and words with something beyond ASCII in them.
TOKEN = re.compile(r'[^\s,;|"]*[^\x00-\x7f\s][^\s,;|"]*')
#: Letters that are words in some language.
WORDS_OF_ONE_LETTER = frozenset("àéèóòåöøýаеиоуявскбійєїηοו")


def is_in_place(token: str, at: int) -> bool:
    """Whether the sign at a place of a token has the neighbours that it has in texts."""
    pairs = PLACES.get(token[at])
    return pairs is not None and _class(token, at - 1) + _class(token, at + 1) in pairs


def misplaced_letters(token: str) -> int:
    """Letters beyond ASCII that stand alone or beside a digit, as signs do and letters do not, and
    accents without a letter.
    """
    count = 0
    for at, letter in enumerate(token):
        if unicodedata.combining(letter):
            count += _class(token, at - 1) != "l" and not unicodedata.combining(token[at - 1])
        elif letter > "\x7f" and letter.isalpha() and letter not in PLACES:
            around = _class(token, at - 1) + _class(token, at + 1)
            is_alone = around == "ss" and letter not in WORDS_OF_ONE_LETTER
            count += is_alone or ("d" in around and "l" not in around)
    return count


def _class(token: str, at: int) -> str:
    if not 0 <= at < len(token):
        return "s"
    letter = token[at]
    return "d" if letter.isdecimal() else "l" if letter.isalpha() else "s"
