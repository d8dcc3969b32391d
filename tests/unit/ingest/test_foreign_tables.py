"""Tables that nobody tuned for: random ones, and the ways in which files from the open web are
odd.
"""

import pytest

from benchmarks.foreign_tables import foreign_table, measure
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.inspection import inspect
from pipeline.ingest.reader import Table, open_table


def opened(text: str) -> Table:
    delivery = Delivery("web.csv", text.encode())
    return open_table(delivery, inspect(delivery), lambda cell: False)


def rows_of(table: Table) -> list[list[str]]:
    return [row for batch in table.batches() for row in batch.rows]


def test_random_tables_are_read_nearly_in_full_and_better_than_by_the_sniffer_of_python():
    seeds = range(5_000, 5_060)
    ours, sniffer = (measure(seeds, system)["all"] for system in ("ours", "csv"))
    assert sum(ours) / len(ours) > 9.6
    assert sum(ours) > sum(sniffer)


def test_a_random_table_is_the_same_for_the_same_seed():
    assert foreign_table(7) == foreign_table(7) != foreign_table(8)


@pytest.mark.parametrize(
    ("text", "delimiter", "width"),
    [
        ("milan#_%pass\n", ",", 1),
        ('Field1,Field2,"Field;3;3;3"\n', ",", 3),
        ("# dump of a table\n# made by hand\n\na,b,c\n1,2,3\n4,5,6\n", ",", 3),
        ("1+1=,(A1^2)-6=,\n2+2=,(A2^2)-6=,\n3,(A3^2)-6=,\n4,(A4^2)-6=,\n", ",", 3),
        (
            "ID;GEOM;box\n"
            + "".join(
                f"{at}; POINT(4{at}.7 9.1); POLY(4{at}.7 9.1, 4.7 9.1, 4 9)\n" for at in "123"
            ),
            ";",
            3,
        ),
        ("a||b\n" + "".join(f"{at}||x{at}\n" for at in range(9)), "||", 2),
        ("one line\nand another: with a colon\nand (;) one more\n", ",", 1),
    ],
)
def test_a_sign_inside_of_cells_is_no_delimiter(text, delimiter, width):
    table = opened(text)
    assert (table.dialect.delimiter, len(table.header)) == (delimiter, width)


def test_rows_that_leave_out_their_last_cells_are_read_under_the_wider_header():
    rows = ["LR,first,", "LR,second", "SX,third,above", "SX,fourth"] * 10
    table = opened("TYPE,NAME,REPLY\n" + "\n".join(rows) + "\n")
    assert table.header == ["TYPE", "NAME", "REPLY"]
    assert rows_of(table)[:2] == [["LR", "first", ""], ["LR", "second", ""]]
    assert len(rows_of(table)) == len(rows)


def test_a_second_table_of_fewer_columns_is_not_read_as_short_rows():
    first = "".join(f"{at},2020-01-0{at},x{at},{at}.5\n" for at in range(1, 10))
    table = opened("id,day,code,paid\n" + first + "\nday,id\n" + "2020-01-01,5\n" * 6)
    assert len(rows_of(table)) == 9


def test_a_header_of_a_quarter_of_names_stands_over_data():
    rows = "".join(f"{at},{at},{at / 7:.3f},,,{at}%,,{at}%,x\n" for at in range(1, 20))
    table = opened("Subset,Q,Selector,,,,,,\n" + rows)
    assert table.header_line == 1 and not table.questions and len(rows_of(table)) == 19


def test_the_line_under_a_header_is_no_second_header():
    table = opened("name,note\n---,----\n" + "Ann,https://a.org/1\nBob,https://b.org/2\n" * 5)
    assert table.header == ["name", "note"] and len(rows_of(table)) == 10


def test_a_comment_as_wide_as_the_table_is_no_header():
    table = opened("# made by hand, by Bob\n" + "place,size\n" + "Rome,12\nOslo,7\n" * 5)
    assert table.header == ["place", "size"]


def test_a_comment_that_names_the_columns_is_the_header():
    table = opened("# new format\n# id , title, count\n" + "T-1,First,12\nT-2,Second,7\n" * 5)
    assert table.header_line == 2 and len(rows_of(table)) == 10


def test_a_title_as_wide_as_the_table_is_no_header():
    table = opened("Report of sales, all towns\n\nplace,size\n" + "Rome,12\nOslo,7\n" * 5)
    assert table.header == ["place", "size"] and len(rows_of(table)) == 10


def test_a_quoted_word_at_the_start_of_a_cell_keeps_its_quotes():
    table = opened('id\tnote\n1\tplain\n2\t"Bob" said so\n3\tend\n')
    assert rows_of(table)[1] == ["2", '"Bob" said so']


def test_a_table_above_the_one_that_is_read_is_asked_about():
    other = "gid,sid,title\n5,6,First\n\n"
    table = opened(other + "qid,code,answer,kind,place\n" + "8,1,yes,N,3\n" * 9)
    assert [question.field for question in table.questions] == ["header_line"]
    assert [choice.value for choice in table.questions[0].choices] == [4, 1]


def test_labels_above_a_table_are_no_table():
    notes = "sender,MSK\ndate,2026-01-01\n\n"
    assert not opened(notes + "id,code,paid,kind,place\n" + "8,A1,7.5,N,3\n" * 9).questions


def test_a_template_in_braces_is_no_json():
    table = opened("{% for it in all %}id,name\n{{ it.id }},{{ it.name }}\n{% endfor %}\n")
    assert table.format == "csv" and len(table.header) == 2
