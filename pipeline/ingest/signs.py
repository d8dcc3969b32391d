"""Signs beyond ASCII that texts in any language have, and where they stand: `£` before a number,
`°` behind one, `–` between words. A letter that stands there instead was decoded wrongly.
"""

import re
import unicodedata

#: Signs -> the neighbours that they have: d digit, l letter, s anything else or the border, the one
#: before them first. None has x, a symbol or accent beyond ASCII.
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
    """Letters beyond ASCII that stand alone or beside a digit, as signs do and letters do not,
    signs beside symbols, and accents that stand on no letter which takes them.
    """
    count = 0
    for at, letter in enumerate(token):
        if unicodedata.combining(letter):
            count += not _is_on_its_letter(token, at)
        elif letter > "\x7f" and letter.isalpha() and letter not in PLACES:
            around = _class(token, at - 1) + _class(token, at + 1)
            is_alone = around == "ss" and letter not in WORDS_OF_ONE_LETTER
            count += is_alone or ("d" in around and "l" not in around)
        elif letter in PLACES:
            count += "x" in (_class(token, at - 1), _class(token, at + 1))
    return count


def _is_on_its_letter(token: str, at: int) -> bool:
    """Whether an accent stands on a letter of its own script, and on one that some language writes
    with it where it belongs to no script.
    """
    below = at - 1
    while below >= 0 and unicodedata.combining(token[below]):
        below -= 1
    if below < 0 or not token[below].isalpha():
        return False
    script = _first_word(token[at])
    if script != "COMBINING":
        return script == _first_word(token[below])
    return len(unicodedata.normalize("NFC", token[below : at + 1])) < at + 1 - below


def _first_word(letter: str) -> str:
    """The first word of a character's name, which is its script if it has one."""
    return unicodedata.name(letter, "UNKNOWN").split(" ")[0]


def _class(token: str, at: int) -> str:
    if not 0 <= at < len(token):
        return "s"
    letter = token[at]
    if letter.isdecimal():
        return "d"
    if letter.isalpha():
        return "l"
    is_symbol = letter > "\x7f" and unicodedata.category(letter)[0] in "SMNC"
    return "x" if is_symbol else "s"
