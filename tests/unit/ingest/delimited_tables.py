"""Random tables of delimited text, plain and nasty, with what their columns are called."""

from hypothesis import strategies as st

from pipeline.ingest.dialect import Dialect
from pipeline.ingest.header import compact

DIALECTS = [
    Dialect(),
    Dialect(";"),
    Dialect("\t"),
    Dialect("|", None),
    Dialect(" ", None),
    Dialect(",", "'"),
    Dialect(",", '"', skip_space=True),
    Dialect(",", '"', "\\"),
    Dialect("||"),
    Dialect(formulas=True),
    Dialect(smart_quotes=True),
]
HEADERS = [
    ["encounter_id"],
    ["npi", "amount"],
    ["", "b", "a"],
    ["", ""],
    ["2024", "0", "id of it"],
    ["patient_id", "gender", "birth_date"],
]
#: Letters to those of the width of Chinese ones.
WIDE = {ord(letter): ord(letter) - 0x20 + 0xFF00 for letter in "abcdefghijklmnoprtuyz"}
#: Names of columns, of which some name the same one.
NAMES = [["npi", "NPI_NUMBER"], ["zip code"], ["gender", "sex"], ["patient_id", "member"]]
ALIASES = {name: column for column in NAMES for name in column}
KNOWN = {compact(name): frozenset([("a source", column[0])]) for name, column in ALIASES.items()}
PLAIN_CELLS = ["1", "ab", "1950-01-02", "12.05", "7.0", "Müller", "東京", "x y", "0", "F"]
NASTY_CELLS = [
    *["", " ", "\t", "\u00a0", "\ufeff", "\f", "\x1a", "\x1c", "\x85", "\u2028", "\0", "\x0b"],
    *['"', '""', '"a"', '"a,b"', '"a\nb"', 'a"b', "'", "'x", "'1'", '="x"', "“x”", "\\", '\\"'],
    *["---", "===", "usd", "[mm]", "years", "date", " lead", "trail ", "a;b", "a,b", "a|b", "||"],
    *[
        "Total",
        "(3 rows affected)",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ],
]


@st.composite
def tables(draw):
    """A dialect, a header, and a text under it: mostly rows, some of them broken."""
    dialect, header = draw(st.sampled_from(DIALECTS)), draw(st.sampled_from(HEADERS))
    width = len(header)
    plain = st.lists(st.sampled_from(PLAIN_CELLS), min_size=width, max_size=width)
    nasty = st.one_of(
        st.lists(
            st.sampled_from([*NASTY_CELLS, *PLAIN_CELLS, *header]),
            max_size=width + 2,
        ),
        st.permutations(header),
        st.permutations(header).map(lambda row: [f" {name.upper()}." for name in row]),
        st.permutations(header).map(lambda row: [name.translate(WIDE) for name in row]),
        st.just([ALIASES.get(name, [name])[-1] for name in header]),
        st.permutations([*header, "NPI_", "zip code", "x"]).map(lambda row: row[:width]),
        st.just([]),
        st.just([""] * width),
        plain.map(lambda row: [*row, ""]),
        plain.map(lambda row: [*row, "", " "]),
    )
    share = draw(st.integers(0, 12))
    if draw(st.booleans()) and dialect.quotechar:
        mark = dialect.quotechar
        plain = st.lists(
            st.sampled_from([*PLAIN_CELLS, "", ",", "a,b", ";", "\t"]).map(
                lambda cell: f"{mark}{cell}{mark}"
            ),
            min_size=width,
            max_size=width,
        )
    rows = draw(
        st.lists(st.integers(0, 12).flatmap(lambda at: nasty if at < share else plain), max_size=14)
    )
    ends = st.sampled_from(draw(st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]])))
    text = "".join(dialect.delimiter.join(row) + draw(ends) for row in rows)
    if draw(st.integers(0, 3)) == 0:
        text = text.rstrip("\r\n")
    return dialect, header, text
