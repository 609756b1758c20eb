"""CSV files as tables of texts: exact cells, row numbers, and what is told or refused."""

from __future__ import annotations

import codecs
import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roster_core.adapters import csv_scan
from roster_core.adapters.csv_tables import CsvTable, read_csv_table
from roster_core.adapters.files import open_uploads
from roster_core.errors import Cancelled, InputError

COLUMNS = ("a", "b", "c")


def read(content: bytes, **asked: object) -> CsvTable:
    """The columns a, b and c of a file named x.csv."""
    options = {"required": COLUMNS, "id_column": "a", **asked}
    return read_csv_table(open_uploads({"x.csv": content}), "x.csv", **options)


def rows(content: bytes, **asked: object) -> list[tuple[int, list[str]]]:
    """Row number and cells of each row that was read."""
    table = read(content, **asked).table
    return list(zip(table.row.tolist(), table.frame.values.tolist(), strict=True))


class TestCells:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            pytest.param(b"a,b,c\n1,2,3\n", [(2, ["1", "2", "3"])], id="plain"),
            pytest.param(b"a,b,c\n1,2,3", [(2, ["1", "2", "3"])], id="no-line-end-at-the-end"),
            pytest.param(b"a,b,c\r\n1,2,3\r\n", [(2, ["1", "2", "3"])], id="crlf"),
            pytest.param(b"a,b,c\r1,2,3\r4,5,6\r", [(2, ["1", "2", "3"]), (3, ["4", "5", "6"])], id="bare-cr"),
            pytest.param(
                b"a,b,c\r1,2,3\n4,5,6\r\n7,8,9",
                [(2, ["1", "2", "3"]), (3, ["4", "5", "6"]), (4, ["7", "8", "9"])],
                id="mixed-line-ends",
            ),
            pytest.param(b"a,b,c\n007,NA,null\n", [(2, ["007", "NA", "null"])], id="zeros-and-NA"),
            pytest.param(b"a,b,c\nNone,nan,1e5\n", [(2, ["None", "nan", "1e5"])], id="words-and-numbers-as-written"),
            pytest.param(b'a,b,c\n1,"",\n,,3\n', [(2, ["1", "", ""]), (3, ["", "", "3"])], id="empty-cells"),
            pytest.param(b"a,b,c\n 1 ,\t2,3 \n", [(2, [" 1 ", "\t2", "3 "])], id="blanks-kept"),
            pytest.param(b'a,b,c\n"1,1","2""2","3"\n', [(2, ["1,1", '2"2', "3"])], id="quoted"),
            pytest.param(
                b'a,b,c\n"1\n1","2\r\n2","3\r3"\n4,5,6\n',
                [(2, ["1\n1", "2\r\n2", "3\r3"]), (6, ["4", "5", "6"])],
                id="line-ends-in-quotes",
            ),
            pytest.param(b"a,b,c\n1,5'10\",3\n", [(2, ["1", "5'10\"", "3"])], id="quote-inside-a-cell"),
            pytest.param(b'a,b,c\n1,x "y" z,3\n', [(2, ["1", 'x "y" z', "3"])], id="quoted-word-inside-a-cell"),
            pytest.param(b"a,b,c\n1,2,3,,\n", [(2, ["1", "2", "3"])], id="commas-at-the-end"),
            pytest.param(b"a,b,c,,\n1,2,3,,\n", [(2, ["1", "2", "3"])], id="nameless-columns"),
            pytest.param(
                b'\n\na,b,c\n\n1,2,3\n,"",\n,,\n"","",""\n   \n,\n4,5,6\n\n',
                [(5, ["1", "2", "3"]), (11, ["4", "5", "6"])],
                id="blank-rows",
            ),
        ],
    )
    def test_cells_are_read_as_written(self, content: bytes, expected: list[tuple[int, list[str]]]) -> None:
        """Every cell is the text in the file; the row number is the line the record starts on."""
        found = read(content)

        assert expected == rows(content)
        assert found.findings.empty
        assert set(map(str, found.table.frame.dtypes)) == {"str"}

    @pytest.mark.parametrize(
        "header", ["A,B,C", " a , b,c ", "C,x,B,A", '"a","b","c"', "_A_,B ,c", "b,c,a,metadata.note"]
    )
    def test_headings_are_matched_loosely(self, header: str) -> None:
        """Case, blanks, underscores, order and unknown columns do not matter."""
        names = [name.strip(' "_').lower() for name in header.split(",")]

        found = read(f"{header}\n{','.join(names)}\n".encode())

        assert list(found.table.frame.columns) == list(COLUMNS)
        assert found.table.frame.values.tolist() == [["a", "b", "c"]]

    def test_blanks_stand_for_underscores(self) -> None:
        """`Student id` is `Student_id`."""
        found = read(b"Student id, first NAME\n1,Ann\n", required=("Student_id", "First_name"), id_column="Student_id")

        assert found.table.frame.to_dict("list") == {"Student_id": ["1"], "First_name": ["Ann"]}

    def test_absent_optional_columns_are_empty(self) -> None:
        """An optional column that is not there reads as empty texts and is not among those present."""
        found = read(b"a,b,c\n1,2,3\n", optional=("d",))

        assert found.table.frame["d"].tolist() == [""]
        assert found.present == {"a", "b", "c"}

    @pytest.mark.parametrize(
        ("mark", "encoding"),
        [
            (b"", "utf-8"),
            (codecs.BOM_UTF8, "utf-8"),
            (b"", "cp1252"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        ],
    )
    def test_encodings_are_told_apart(self, mark: bytes, encoding: str) -> None:
        """UTF-8 and UTF-16 with or without their mark, and Windows-1252, give the same letters."""
        content = mark + "a,b,c\nPeña,Zoë,O’Neil\n".encode(encoding)

        assert rows(content) == [(2, ["Peña", "Zoë", "O’Neil"])]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1f"), max_size=8)


@given(
    table=st.lists(st.tuples(CELL, CELL, CELL), max_size=8),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@example(table=[("\ufeff", "x", "y")], quoting=csv.QUOTE_MINIMAL, line_end="\n", encoding="utf-8")
@example(table=[('"', "\r", "\n")], quoting=csv.QUOTE_ALL, line_end="\r", encoding="utf-8")
def test_what_csv_writes_is_read_back(
    table: list[tuple[str, str, str]], quoting: int, line_end: str, encoding: str
) -> None:
    """Every table survives being written with any quoting, line end and encoding, row numbers included."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=quoting, lineterminator=line_end)
    numbers, line = [], 2
    writer.writerow(COLUMNS)
    for cells in table:
        # The writer quotes a cell for its own line end only; any other would part the row in two.
        start = written.tell()
        if any(mark in cell for cell in cells for mark in "\r\n"):
            csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator=line_end).writerow(cells)
        else:
            writer.writerow(cells)
        numbers.append(line)
        line += len(re.findall("\r\n|\r|\n", written.getvalue()[start:]))
    expected = [(number, list(cells)) for number, cells in zip(numbers, table, strict=True) if "".join(cells)]

    assert expected == rows(written.getvalue().encode(encoding))


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_one_clear_error(content: bytes) -> None:
    """Whatever the bytes, the answer is a table or an InputError that names the file."""
    try:
        read(b"a,b,c\n" + content)
    except InputError as error:
        assert str(error).startswith("x.csv")


@given(st.text(alphabet='a,"\n\r ', max_size=40))
@example(',,"\r"')
@example('a,"\n",a,,')
def test_rows_are_those_of_the_csv_module(body: str) -> None:
    """Where the csv module in strict mode reads a file, exactly its rows are read, or told by their numbers."""
    try:
        plain = [cells for cells in csv.reader(io.StringIO("a,b,c\n" + body, newline=""), strict=True)][1:]
        found = read(("a,b,c\n" + body).encode())
    except (csv.Error, InputError):
        return
    filled = [cells for cells in plain if "".join(cells).strip("" if len(cells) == 3 else " \t")]
    regular = [cells[:3] for cells in filled if len(cells) >= 3 and not any(cells[3:])]

    assert found.table.frame.values.tolist()[: len(regular)] == regular
    assert len(found.findings) == len(filled) - len(regular)


class TestBadRows:
    def test_too_few_and_too_many_cells_are_told(self) -> None:
        """A row of another width is left out with its number and id; its neighbours stay."""
        found = read(b"a,b,c\n1,2,3\n4,5\n6\n7,8,9,10\n11,12,13\n")

        assert found.table.frame["a"].tolist() == ["1", "11"]
        assert found.table.row.tolist() == [2, 6]
        assert found.findings[["code", "severity", "file", "row", "id"]].values.tolist() == [
            ["unreadable-row", "blocker", "x.csv", 3, "4"],
            ["unreadable-row", "blocker", "x.csv", 4, "6"],
            ["unreadable-row", "blocker", "x.csv", 5, "7"],
        ]
        assert found.findings["message"].tolist() == [
            "Row 3 has 2 cells, the header has 3; the row was left out. Correct it and load again.",
            "Row 4 has 1 cell, the header has 3; the row was left out. Correct it and load again.",
            "Row 5 has 4 cells, the header has 3; the row was left out. Correct it and load again.",
        ]

    def test_an_id_beyond_the_row_is_empty(self) -> None:
        """Where a short row ends before its id, the finding has the row number alone."""
        found = read(b"b,c,a\n1,2\n")

        assert found.findings[["row", "id"]].values.tolist() == [[2, ""]]

    def test_text_after_a_closing_quote_costs_its_row(self) -> None:
        """A quoted cell that goes on after its quote is told, and the next row is read."""
        found = read(b'a,b,c\n1,"x" y,3\n4,5,6\n')

        assert found.table.row.tolist() == [3]
        assert found.findings[["code", "row"]].values.tolist() == [["unreadable-row", 2]]

    def test_messages_hold_no_cells(self) -> None:
        """What a child's row says is not repeated in the message."""
        found = read(b'a,b,c\nU1,Secretname\nU2,"Secretname" x,3\n')

        assert len(found.findings) == 2
        assert not found.findings["message"].str.contains("Secretname").any()


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            pytest.param(b"", "is empty", id="empty"),
            pytest.param(b"\r\n\r\n", "is empty", id="only-blank-lines"),
            pytest.param(codecs.BOM_UTF8, "is empty", id="only-a-mark"),
            pytest.param(b"a,b,c\n", "a header but no rows", id="header-only"),
            pytest.param(b"a,b\n1,2\n", "has no column c; it has a, b", id="missing-column"),
            pytest.param(b"a\n1\n", "has no column b and no column c; it has a", id="missing-columns"),
            pytest.param(b"a;b;c\n1;2;3\n", "not separated by commas", id="semicolons"),
            pytest.param(b"a\tb\tc\n1\t2\t3\n", "not separated by commas", id="tabs"),
            pytest.param(b"U1,Secretname,Lee\n", "names no column known here", id="no-header"),
            pytest.param(b"a,b,c,B\n1,2,3,4\n", "column 'B' twice", id="repeated-column"),
            pytest.param(b"a,b,c,x,X\n1,2,3,4,5\n", "column 'X' twice", id="repeated-unknown-column"),
            pytest.param(b"a,b,c\n1,\0,3\n", "row 2 holds a zero byte or", id="zero-byte"),
            pytest.param(b"a,b,c\n1,2,3\n4,\x1f,6\n", "row 3 holds a zero byte or", id="unit-separator"),
            pytest.param("a,b,c\n1,\0,3\n".encode("utf-16"), "it holds a zero byte", id="zero-in-utf-16"),
            pytest.param("a,b,c\n".encode("utf-16-le"), "row 1 holds a zero byte", id="utf-16-without-mark"),
            pytest.param(b"a,b,c\n1,2,3\n\x81,5,6\n", "row 3", id="no-known-encoding"),
            pytest.param(codecs.BOM_UTF16_LE + b"a\0,", "no text in UTF-8, UTF-16", id="half-a-letter"),
            pytest.param(b'a,b,c\n1,2,3\n4,"5,6\n7,8,9\n', "begins in row 3", id="open-quote"),
            pytest.param(b'a,b,c\n1,2,3\n4,"5,6', "begins in row 3", id="open-quote-in-the-last-row"),
            pytest.param(b'a,"b,c\n1,2,3\n', "begins in row 1", id="open-quote-in-the-header"),
            pytest.param(b'"a" x,b,c\n1,2,3\n', "begins in row 1", id="bad-quote-in-the-header"),
            pytest.param(b'a,b,c\n1,"2,3\n4,5,"6,7"\n', "begins in row 2", id="open-quote-met-by-another"),
            pytest.param(b'a,b,c\n1,"2,3\n4,5,6"\n7,8,9\n', "begins in row 2", id="two-rows-glued"),
            pytest.param(b'a,b,c\n1,2,"3\n4,5,6\n7,8,9\n1,2,3"\n', "begins in row 2", id="four-rows-glued"),
        ],
    )
    def test_a_file_that_cannot_be_read_safely_is_refused(self, content: bytes, words: str) -> None:
        """One clear error names the file and what is wrong, and repeats no child's data."""
        with pytest.raises(InputError, match=re.escape(words)) as caught:
            read(content, rows_needed=True)

        assert str(caught.value).startswith("x.csv")
        assert "Secretname" not in str(caught.value)

    def test_a_header_alone_is_enough_where_rows_are_optional(self) -> None:
        """An optional table may be empty."""
        assert rows(b"a,b,c\n") == []


class TestProgress:
    def test_rows_are_told_as_they_are_read(self) -> None:
        """Progress names the file, the rows so far and all rows."""
        told: list[tuple[str, int, int | None]] = []

        read(b"a,b,c\n" + b"1,2,3\n" * 300_000, progress=lambda *news: told.append(news))

        assert told == [("x.csv", 250_000, 300_000), ("x.csv", 300_000, 300_000)]

    def test_reading_can_be_cancelled(self) -> None:
        """What `progress` raises stops the reading."""

        def stop(what: str, done: int, of: int | None) -> None:
            raise Cancelled("Stopped.")

        with pytest.raises(Cancelled):
            read(b"a,b,c\n1,2,3\n", progress=stop)


def test_records_do_not_depend_on_where_blocks_end() -> None:
    """A file larger than one block, with quotes and line ends across its border, reads like a small one."""
    row = b'"x\r\ny, ""z""",2,3\r\n'
    content = row * (2 * csv_scan.BLOCK // len(row) + 7)

    records = csv_scan.scan(content)

    assert records is not None
    assert set(records.cells) == {3}
    assert set(records.lines) == {2}
    assert records.row[-1] == 2 * len(records) - 1
    assert len(records) == content.count(row)
