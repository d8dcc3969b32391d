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
    "”»": ("ls", "ds", "sl"),
    "’´": ("ls", "ds", "ll", "sl"),
    "¬¦": ("ss", "sl"),
    "ªº": ("ds", "ls"),
}
PLACES = {sign: frozenset(pairs) for signs, pairs in NEIGHBOURS.items() for sign in signs}
#: Small letters behind numbers and abbreviations: `1ª`, `M.ª`.
ORDINALS = frozenset("ªº")
#: Signs that are never between two letters.
QUOTES = frozenset("“”„‚«»")
#: An apostrophe between two consonants of a long word, where a vowel was.
FOR_A_VOWEL = re.compile(r"(?i)[a-z][bcdfghjklmnpqrstvwxz]’[bcdfghjklmnpqrstvwxz](?-i:[a-z])")
#: Signs that close what others open, at the end of a word.
CLOSING = re.compile(r"(?<=[^\W\d_])[“‘«](?!\w)")
OPENING = frozenset("„‚»")
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
        elif letter > "\x7f" and letter.isalpha() and letter not in PLACES and not is_word(letter):
            around = _class(token, at - 1) + _class(token, at + 1)
            is_alone = around == "ss" and letter not in WORDS_OF_ONE_LETTER
            count += is_alone or ("d" in around and "l" not in around)
        elif letter in PLACES:
            around = _class(token, at - 1) + _class(token, at + 1)
            count += "x" in around or (around == "ll" and letter in QUOTES)
            count += letter in ORDINALS and (at == 0 or token[at - 1] == "-")
            count += letter == "’" and bool(FOR_A_VOWEL.match(token[at - 2 : at + 3]))
    return count


def closed_unopened(text: str) -> int:
    """Quotation marks that close a word where none in the text opens one."""
    return 0 if OPENING & set(text) else len(CLOSING.findall(text))


def is_word(letter: str) -> bool:
    """Whether a character is a word by itself, as those of East Asia are."""
    return _first_word(letter) in ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")


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
    letter = unicodedata.normalize("NFC", token[below : at + 1])
    return len(letter) < at + 1 - below and (letter in "ñÑ" or _is_vowel(letter))


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter)[0] in "aeiouyAEIOUY"


def _first_word(letter: str) -> str:
    """The first word of a character's name, which is its script if it has one."""
    return unicodedata.name(letter, "UNKNOWN").split(" ")[0].split("-")[0]


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
