"""How much a text looks like names that people have: letters of one alphabet, in words with
ordinary capitals and vowels.

A text that was decoded wrongly has symbols inside words, capitals after small letters, two
alphabets in one word, or letters that no one language has together.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pipeline.ingest.alphabets import IDEOGRAPHS, IN_NAMES, LATIN, TOGETHER, WHOLE
from pipeline.ingest.signs import TOKEN, closed_unopened, is_in_place, is_word, misplaced_letters

#: What several languages in one file cost, and what a language gets that names in the United
#: States often come from.
MANY, OFTEN = 0.08, {"Spanish": 0.1, "French": 0.06, "German": 0.06, "Portuguese": 0.04}
#: What a language costs that few people write.
SELDOM = dict.fromkeys(("Faroese", "Irish", "Welsh", "Esperanto", "Maltese", "Estonian"), 0.06)
#: What a letter is worth that the languages in question do not have, if most of a text is such.
OTHER_LETTER = 0.7
#: What a sign in its place is worth, and what a letter in the place of a sign costs.
SIGN, MISPLACED = 0.95, 1.0
#: What blanks are worth that no line may break at, where nothing else is beyond ASCII.
NO_BREAK = 0.85
#: What each letter costs where no word holds one beside another letter, as signs stand.
LONE = 0.5
MARKS_IN_NAMES = "’‘–—“”·ªº°\u00a0\u0300\u0301\u0303\u0309\u0323«»„‚…"
#: Stands for an apostrophe where people type ASCII.
SPACING_ACUTE = re.compile("(?<=[A-Za-z])´(?=[A-Za-z])")
#: Letters that only stand before vowels, and one that never does: Polish writes `ni` there.
BEFORE_VOWELS, NOT_BEFORE_VOWELS = "ñ", "ń"
#: What a character of East Asia is worth: one that names have, another common one, a rare one.
IN_A_NAME, COMMON, UNCOMMON = 1.0, 0.75, 0.4
#: What a word costs that is decoded wrongly beyond doubt.
BROKEN_WORD = 1.5
WORD = re.compile(r"[^\W\d_]+(?:[^\x00-\x7f,;|\s]+[^\W\d_]*)*|[^\x00-\x7f]+")
VOWELS = set("aeiouyæøœıаеёиоуыэюяіїєαεηιουωάέήίόύώϊϋΐΰ")
#: Of these every word has one.
MAIN_VOWELS = set("aeiouøæœıаеиоуαοιε")

#: Alphabet -> letters of a word that has no main vowel, and what it costs.
WITHOUT_VOWEL = {"LATIN": (4, 0.3), "CYRILLIC": (3, 0.6), "GREEK": (3, 0.6)}


def plausibility(text: str, languages: Sequence[str] = ()) -> tuple[float, str]:
    """(0 to about 1, the language that fits best) for the characters beyond ASCII in a text.

    `languages`: those that come into question (none named: all). 1 and "" for a text without any
    such character.
    """
    tokens = Counter(TOKEN.findall(SPACING_ACUTE.sub("’", text)))
    stray = sum(
        1 for letter in text if ord(letter) > 127 and _kind(letter) == "bad" or letter == "\ufffd"
    )
    if not tokens:
        return (0.0 if stray else NO_BREAK if "\xa0" in text else 1.0), ""
    letters: Counter = Counter()
    signs = total = 0.0
    damage = MISPLACED * closed_unopened(text)
    is_in_words = False
    for token, count in tokens.items():
        count = min(count, 3)
        rest = _without_signs(token)
        signs += count * rest.count(" ")
        damage += count * MISPLACED * misplaced_letters(token)
        for word in WORD.findall(rest):
            if word.isascii():
                continue
            wide = [letter for letter in word if letter > "\x7f"]
            is_in_words = is_in_words or len(word) > 1 or is_word(word)
            total += count * len(wide)
            damage += count * _damage(word)
            for letter in wide:
                if letter.isalpha():
                    letters[_small(letter)] += count
    language, covered = _best_language(letters, languages)
    if letters and not is_in_words:
        damage += LONE * total
    whole = total + signs
    return max(0.0, (covered * total + SIGN * signs - damage) / whole), language


def has_broken_word(text: str) -> bool:
    """Whether a word was decoded wrongly beyond doubt: it has a symbol in it, two alphabets, or
    capitals behind small letters.
    """
    return any(
        _damage(word) >= BROKEN_WORD
        for token in set(TOKEN.findall(SPACING_ACUTE.sub("’", text)))
        for word in WORD.findall(_without_signs(token))
        if not word.isascii()
    )


def _without_signs(token: str) -> str:
    """A token with blanks for the signs that stand in their places."""
    return "".join(" " if is_in_place(token, at) else sign for at, sign in enumerate(token))


def foreign_share(text: str, language: str) -> float:
    """Which share of the letters beyond ASCII a language does not have."""
    if language not in _alphabets():
        return 0.0
    letters = Counter(_small(each) for each in text if each > "\x7f" and each.isalpha())
    alphabet = _alphabets()[language]
    foreign = sum(count for letter, count in letters.items() if letter not in alphabet)
    return foreign / max(letters.total(), 1)


def _best_language(letters: Counter, languages: Sequence[str]) -> tuple[str, float]:
    """The language that has these letters, and how common they are in it (0 to about 1); none where
    letters that no language in question has explain them better.
    """
    total = letters.total()
    if not total:
        return "", 0.8
    best = ("", 0.0)
    for language in languages or (*_alphabets(), *IDEOGRAPHS):
        weights = _weights(language, letters)
        share = sum(count * weights.get(letter, 0.0) for letter, count in letters.items()) / total
        share += OFTEN.get(language, 0.0) if share > 0.6 else 0.0
        share -= MANY if language in TOGETHER else SELDOM.get(language, 0.0)
        if share > best[1]:
            best = (language, share)
    others = sum(count for letter, count in letters.items() if letter.isalpha()) / total
    return max(best, ("", OTHER_LETTER * others), key=lambda each: each[1])


def _weights(language: str, letters: Iterable[str]) -> dict[str, float]:
    """Letter -> how common it is in a language."""
    if language in IDEOGRAPHS:
        return {letter: _ideograph(letter, language) for letter in letters}
    return _alphabets()[language]


@lru_cache(maxsize=1)
def _alphabets() -> dict[str, dict[str, float]]:
    """Language -> letter -> 1 for the commonest down to 0.7 (Latin) or 0.5 for the rarest."""
    known = {
        language: {
            letter: 1 - (1 - least) * place / len(alphabet) for place, letter in enumerate(alphabet)
        }
        for table, least in ((LATIN, 0.75), (WHOLE, 0.4))
        for language, alphabet in table.items()
    }
    for group, members in TOGETHER.items():
        known[group] = {}
        for member in members:
            for letter, weight in known[member].items():
                known[group][letter] = max(weight, known[group].get(letter, 0.0))
    return known


def _damage(word: str) -> float:
    """What speaks against a word: symbols in it, small letters before capitals, two alphabets."""
    spoiled = sum(
        {"bad": 4.0, "symbol": 2.0}.get(_kind(letter), 0.0) for letter in word if letter > "\x7f"
    )
    letters = [letter for letter in word if letter.isalpha()]
    scripts = {_script(letter) for letter in letters}
    if len(scripts) > 1 and not scripts <= {"CJK", "HIRAGANA", "KATAKANA"}:
        spoiled += 2.0
    is_title = word[:1].isupper()
    small = sum(1 for letter in letters if letter.islower())
    for before, letter in zip(word, word[1:], strict=False):
        if max(before, letter) > "\x7f" and before.islower() and letter.isupper():
            spoiled += 1.5
        if max(before, letter) > "\x7f" and before.isupper() and letter.isupper() and small:
            spoiled += 0.8
    if len(letters) > 1 and scripts == {"LATIN"} and min(letters) > "\x7f":
        spoiled += 0.8
    spoiled += 0.5 * sum(
        1
        for letter, after in zip(word, word[1:], strict=False)
        if after.isalpha() and _is_out_of_place(letter, after)
    )
    if not is_title and any(letter.isupper() for letter in letters) and small:
        spoiled += 0.5
    spoiled += _hard_to_say(word)
    return spoiled


def _is_out_of_place(letter: str, after: str) -> bool:
    """Whether a letter never stands before the one that follows it."""
    if _base(after.lower()) in VOWELS:
        return letter in NOT_BEFORE_VOWELS
    return letter in BEFORE_VOWELS


def _hard_to_say(word: str) -> float:
    """Runs of consonants or vowels around a letter beyond ASCII that few names have."""
    low = word.casefold()
    classes = ["v" if _base(letter) in VOWELS else "c" for letter in low if letter.isalpha()]
    wide = [letter > "\x7f" for letter in low if letter.isalpha()]
    if not any(letter in MAIN_VOWELS for letter in map(_base, low)):
        least, cost = WITHOUT_VOWEL.get(_script(low[0]), (len(low) + 1, 0.0))
        if len(classes) >= least:
            return cost
    cost = 0.0
    for at, is_wide in enumerate(wide):
        if is_wide:
            around = "".join(classes[max(0, at - 1) : at + 2])
            if len(around) == 3 and around in ("ccc", "vvv"):
                cost += 0.12
    return cost


@lru_cache(maxsize=4096)
def _kind(letter: str) -> str:
    """letter, mark (as names have them), symbol, or bad (a control, unassigned, replaced)."""
    category = unicodedata.category(letter)
    if category in ("Cc", "Cn", "Co", "Cs") or letter == "\ufffd":
        return "bad"
    if category.startswith("L"):
        return "letter"
    return "mark" if letter in MARKS_IN_NAMES or category == "Mn" else "symbol"


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split(" ")[0].split("-")[0]


@lru_cache(maxsize=4096)
def _base(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0]


def _small(letter: str) -> str:
    return letter if letter == "İ" else letter.lower()


@lru_cache(maxsize=16384)
def _ideograph(letter: str, language: str) -> float:
    """How common a character is in names of a language of East Asia."""
    codec, first, last = IDEOGRAPHS[language]
    script = _script(letter)
    if script in ("HIRAGANA", "KATAKANA"):
        return IN_A_NAME if language == "Japanese" else 0.3
    if script not in ("CJK", "HANGUL") or (script == "HANGUL") != (language == "Korean"):
        return 0.0
    if letter in IN_NAMES[language]:
        return IN_A_NAME
    coded = letter.encode(codec, "ignore")
    return COMMON if coded and first <= coded[0] <= last else UNCOMMON if coded else 0.1


def doubtful(text: str) -> bool:
    """Whether a text holds what names never do: C1 controls, replacement marks, or UTF-8 that was
    decoded as something else and encoded again (`MÃ¼ller`).
    """
    return bool(C1_OR_REPLACED.search(text)) or bool(MOJIBAKE.search(text))


def _mojibake(leads: Iterable[str], codec: str = "cp1252") -> str:
    """A pattern of two-byte UTF-8 sequences as they look when read as `codec`."""
    tails = "".join(
        re.escape(letter)
        for code in range(0x80, 0xC0)
        for letter in (bytes([code]).decode(codec, "ignore") or bytes([code]).decode("latin-1"),)
    )
    return f"[{''.join(leads)}][{tails}]"


C1_OR_REPLACED = re.compile("[\x80-\x84\x86-\x9f\ufffd]")
MOJIBAKE = re.compile(_mojibake("ÃÂÄÅ") + "|â€.|ï¿½")
