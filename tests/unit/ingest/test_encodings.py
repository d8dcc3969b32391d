"""No name is read wrongly in silence: an encoding is inferred rightly, or somebody is asked."""

import importlib.util
from itertools import product
from pathlib import Path

import pytest

from pipeline.errors import InputRefused
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.inspection import inspect
from pipeline.ingest.preview import preview
from pipeline.ingest.reading import ENCODINGS, Reading

_spec = importlib.util.spec_from_file_location(
    "names_of_many_languages", Path(__file__).with_name("names_of_many_languages.py")
)
names_of_many_languages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(names_of_many_languages)

PROVIDERS = 'provider_name,npi,zip\n"{}",2000000002,063450001\n"Norsen, Holo",2000000010,1\n'


def decoded(data, encoding):
    return data.decode(encoding.codec, encoding.errors).removeprefix("\ufeff")


def test_no_encoding_is_wrong_in_silence_and_nearly_all_are_right():
    right = asked = 0
    files = names_of_many_languages.corpus()
    for language, written, text, data in files:
        encoding = inspect(Delivery("providers.csv", data)).encoding
        is_right = decoded(data, encoding) == text
        assert is_right or encoding.question, f"{language} in {written} read as {encoding.label}"
        right += is_right
        asked += encoding.question is not None
    assert right >= 0.98 * len(files)
    assert asked <= 0.12 * len(files)


#: Names of one or two characters each, as people in East Asia have, and what writes them.
EAST_ASIAN = [
    ("gb18030", ["王, 明", "李, 伟", "张, 丽", "刘, 海"]),
    ("big5", ["陳, 文", "林, 玲", "黃, 偉", "張, 惠"]),
    ("euc_kr", ["김, 민", "이, 영", "박, 지", "최, 정"]),
    ("shift_jis", ["山田, 花子", "佐藤, 一郎", "鈴木, さくら"]),
    ("euc_jp", ["山田, 花子", "佐藤, 一郎", "鈴木, さくら"]),
]


@pytest.mark.parametrize(("codec", "names"), EAST_ASIAN)
def test_names_of_single_characters_are_read_unasked(codec, names):
    text = PROVIDERS.format('",2000000003,063450001\n"'.join(names))
    encoding = inspect(Delivery("providers.csv", text.encode(codec))).encoding
    assert encoding.question is None and decoded(text.encode(codec), encoding) == text


TWO_BYTES = ["euc_jis_2004", "euc_jisx0213", "shift_jis_2004", "big5hkscs", "johab", "gb18030"]


@pytest.mark.parametrize("name", ["Sébastien Noël", "Иванова, Анна", "Παπάς, Νίκος", "Łukasz Żółć"])
@pytest.mark.parametrize("codec", TWO_BYTES)
def test_letters_of_other_alphabets_in_two_bytes_are_among_the_answers(codec, name):
    text = PROVIDERS.format(name)
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        pytest.skip("the encoding does not have the letters")
    encoding = inspect(Delivery("providers.csv", data)).encoding
    choices = encoding.question.choices if encoding.question else ()
    offered = [ENCODINGS[each.value] for each in choices] or [encoding]
    assert any(decoded(data, each) == text for each in offered), (codec, encoding)


@pytest.mark.parametrize(
    "name", ["Ramírez, José", "Pakistán, Ana", "Muñoz, Andrés", "Reunión, Noé"]
)
@pytest.mark.parametrize("codec", ["cp1252", "cp850", "mac-roman"])
def test_a_vowel_is_offered_before_an_apostrophe_or_a_blank_in_its_place(codec, name):
    data = PROVIDERS.format(name).encode(codec)
    encoding = inspect(Delivery("providers.csv", data)).encoding
    assert name in decoded(data, encoding)


WIDTHS = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("second", WIDTHS)
@pytest.mark.parametrize("first", WIDTHS)
def test_files_put_together_in_two_encodings_are_never_read_as_one(first, second):
    """However long the first part is, and with a byte order mark in between or without."""
    marks = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}
    for name, rows in product(["Norsen, Holo", "Иванова", "李"], [0, 2_000]):
        text = PROVIDERS.format(name)
        head = text + "Holo,2000000028,063450001\n" * rows
        file = Delivery("providers.csv", head.encode(first) + text.encode(second))
        if marks.get(first, first) == marks.get(second, second):
            encoding = inspect(file).encoding
            assert decoded(file.source, encoding).replace("\ufeff", "") == head + text
            continue
        with pytest.raises(InputRefused, match="in different encodings"):
            inspect(file)


#: (written in, what a name of it is taken for by another reading that looks about as good)
RIVALS = [
    ("cp1252", "Bjørg Moe"),
    ("cp850", "Anabella Strauß"),
    ("hp-roman8", "Janne Nygård-Strøm;Leif-Trond Sæther"),
    ("hp-roman8", "Valpaços"),
    ("iso8859-10", "Drážovce;Jurová"),
    ("iso8859-16", "Ioniță"),
    ("iso8859-16", "Venera Pușcașu;Speranța"),
    ("mac-romanian", "Ioniță"),
    ("cp861", "Neancól-Ó Héimhín;Ó Frainclín"),
    ("euc_jp", "Žofia"),
    ("euc_kr", "엄"),
]


@pytest.mark.parametrize(("codec", "names"), RIVALS)
def test_where_only_custom_speaks_for_an_encoding_somebody_is_asked(codec, names):
    text = PROVIDERS.format('",2000000003,063450001\n"'.join(names.split(";")))
    encoding = inspect(Delivery("providers.csv", text.encode(codec))).encoding
    assert encoding.question or decoded(text.encode(codec), encoding) == text


@pytest.mark.parametrize(
    "text", ["5 μg", "α-Methyl", "Ioniță", "Zoë", "naïve ✓", "☃", "Łódź", "李"]
)
def test_valid_utf8_of_few_characters_that_no_other_encoding_explains_is_not_asked(text):
    data = PROVIDERS.format(text).encode()
    encoding = inspect(Delivery("providers.csv", data)).encoding
    assert encoding.question is None and encoding.codec == "utf-8"


def test_the_right_answer_is_always_offered():
    for language, written, text, data in names_of_many_languages.corpus():
        encoding = inspect(Delivery("providers.csv", data)).encoding
        if encoding.question:
            offered = [ENCODINGS[choice.value] for choice in encoding.question.choices]
            assert any(decoded(data, each) == text for each in offered), (language, written)


@pytest.mark.parametrize(
    ("data", "choices"),
    [
        (PROVIDERS.format("MÃ¼ller, JosÃ©").encode(), ["utf-8-twice", "utf-8"]),
        (PROVIDERS.format("O\x92Brien").encode(), ["utf-8"]),
        (PROVIDERS.format("Jos\ufffd").encode(), ["utf-8"]),
        (PROVIDERS.format("O’Brien").encode("cp1252").replace(b"Holo", b"Ho\x81o"), None),
        (PROVIDERS.format("Norsen").encode("cp037"), ["cp037", "cp500"]),
    ],
    ids=["twice encoded", "a control", "a replacement mark", "an undefined byte", "EBCDIC"],
)
def test_what_no_name_has_is_asked_about_and_an_answer_loads(home, data, choices):
    before = home.state()
    result = home.load("providers.csv", data)
    assert result.status == "refused" and "--encoding" in result.reason
    assert home.state() == before
    offered = [
        choice.value for choice in inspect(Delivery("p.csv", data)).encoding.question.choices
    ]
    assert choices is None or offered == choices
    if choices is None:
        assert offered[0] == "cp1252"
    answered = home.load("providers.csv", data, reading=Reading(encoding=offered[0]))
    assert (answered.status, answered.received) == ("loaded", 2)


def test_twice_encoded_names_come_back_as_they_were(home):
    data = PROVIDERS.format("MÃ¼ller, JosÃ©").encode()
    home.load("providers.csv", data, reading=Reading(encoding="utf-8-twice"))
    assert home.rows("raw_providers")[0]["provider_name"] == "Müller, José"


def test_a_question_stands_in_the_preview_with_its_rows():
    shown = preview(Delivery("providers.csv", PROVIDERS.format("MÃ¼ller").encode()))
    assert "--encoding" in shown.refused and len(shown.rows) == 2


def test_how_an_encoding_was_chosen_stands_with_the_load(home):
    from pipeline.store.warehouse import load_evidence

    data = PROVIDERS.format("Wójcik, Zdzisław").encode("cp1250")
    home.load("providers.csv", data)
    (encoding,) = [
        each
        for each in load_evidence.reading(home.connection, "L00001")
        if each["what"] == "encoding"
    ]
    assert encoding["value"] == "cp1250" and "Polish" in encoding["why"]
    assert encoding["runner_up"]


SIGNS = ["£1200.50", "Cost (£)", "25°C", "±0.5", "5 µm", "2½ miles", "1001 · Trust", "it’s", "1º"]


@pytest.mark.parametrize("text", SIGNS)
@pytest.mark.parametrize("codec", ["cp1252", "iso8859-15", "cp850", "mac-roman"])
def test_a_sign_is_not_read_as_a_letter_in_silence(text, codec):
    try:
        data = f"id,what\n1,{text}\n2,plain\n".encode(codec)
    except UnicodeEncodeError:
        pytest.skip("the encoding does not have the sign")
    encoding = inspect(Delivery("web.csv", data)).encoding
    assert encoding.question or text in decoded(data, encoding), encoding.label


@pytest.mark.parametrize("at", [0, 9000])
@pytest.mark.parametrize(
    ("codec", "name"),
    [("iso2022_jp", "山田太郎"), ("iso2022_kr", "김철수"), ("hz", "张秀英"), ("utf-7", "Müller")],
)
def test_letters_written_in_ascii_are_read_or_asked_about(home, codec, name, at):
    """Also where the first of them stands behind many rows."""
    rows = [f"Smith,{2000000000 + number},00501" for number in range(at)]
    text = "\n".join(["provider_name,npi,zip", *rows, f"{name},2000000002,00501", ""])
    result = home.load("providers.csv", text.encode(codec))
    if codec in ("hz", "utf-7"):
        assert [each["value"] for each in result.asks["choices"]] == [codec, "utf-8"]
        result = home.load("providers.csv", text.encode(codec), reading=Reading(encoding=codec))
    assert (result.status, result.received) == ("loaded", at + 1), result.reason
    assert home.rows("raw_providers")[-1]["provider_name"] == name


@pytest.mark.parametrize(
    "text", ["A+B-C", "Smith+JONES-Clark", "+1234567-89", "2026-01-01T00:00:00+0500-", "~{a", "~~"]
)
def test_signs_that_stand_for_no_letters_are_not_asked_about(text):
    encoding = inspect(Delivery("p.csv", PROVIDERS.format(text).encode())).encoding
    assert encoding.question is None and encoding.codec == "utf-8"


@pytest.mark.parametrize("run", [b"+", b"+A", b"+AAAA", b"~{AA", b"~{AA~", b"\x1b$"])
def test_no_run_of_signs_takes_long_to_look_at(run):
    """A million of them in one line; the square of that would be hours."""
    from time import process_time

    started = process_time()
    inspect(Delivery("p.csv", b"a,b\n1," + run * (1_000_000 // len(run)) + b"\n"))
    assert process_time() - started < 5
