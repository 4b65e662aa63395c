"""Zengin files: what is read, what is skipped, and every way in which a file can be broken."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seikyu.engine.statements import StatementRefused, read_statement, unseen
from seikyu.engine.statements.kana import widened
from seikyu.engine.statements.refusals import PROBLEMS
from tests.statements.files import (
    TODAY,
    Transfer,
    end,
    header,
    movement,
    movements,
    packed,
    trailer,
    transfer,
    transfers,
)


def test_a_notice_of_transfers_is_read() -> None:
    data = packed(
        transfers(
            Transfer(330_000, number=7, code="0012345678", edi="INV 0001"),
            Transfer(5_500, "ｻﾝﾌﾟﾙ ﾀﾛｳ", date(2026, 3, 11)),
        )
    )
    found = read_statement(data, today=TODAY)
    assert (found.format, found.encoding, found.total) == ("zengin_transfers", "cp932", 335_500)
    first, second = found.lines
    assert (first.date, first.amount, first.line_number) == (date(2026, 3, 10), 330_000, 2)
    assert (first.payer_kana, first.payer_name) == (
        "カ)サンプルシヨウジ",
        "株式会社サンプルシヨウジ",
    )
    assert (first.payer_code, first.edi, first.reference) == ("0012345678", "INV 0001", "INV 0001")
    assert (first.bank_id, first.account) == ("000007", "9999-001-1234567")
    assert (second.date, second.amount) == (date(2026, 3, 11), 5_500)
    assert (second.payer_kana, second.payer_name) == ("サンプル タロウ", "サンプル タロウ")
    assert (second.payer_code, second.reference) == ("", "")
    assert found.skipped == ()


def test_movements_of_an_account_are_read_and_what_went_out_is_skipped() -> None:
    data = packed(
        movements(
            Transfer(1_000, note="ﾌﾘｺﾐ"),
            Transfer(700, "ｻﾝﾌﾟﾙﾃﾞﾝｷ", out=True),
            Transfer(300, kind="19"),
            Transfer(0),
        )
    )
    found = read_statement(data, today=TODAY)
    assert found.format == "zengin_movements"
    assert [(line.amount, line.reference) for line in found.lines] == [(1_000, "フリコミ")]
    assert [(one.line_number, one.reason, one.amount) for one in found.skipped] == [
        (3, "withdrawal", 700),
        (4, "correction", 300),
        (5, "no_amount", 0),
    ]
    assert found.skipped[0].sentence("ja") == "出金です。"
    assert found.skipped[0].text == "サンプルデンキ"


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r", ""])
@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_line_ends_and_encodings_make_no_difference(newline: str, encoding: str) -> None:
    data = packed(transfers(Transfer(1_000), Transfer(2_000)), newline, encoding)
    found = read_statement(data, today=TODAY)
    assert [line.amount for line in found.lines] == [1_000, 2_000]
    assert found.lines[0].payer_kana == "カ)サンプルシヨウジ"
    assert found.encoding == ("cp932" if encoding == "cp932" else "utf-8")


def test_the_old_mark_of_an_end_of_file_is_nothing() -> None:
    assert read_statement(packed(transfers(Transfer(1))) + b"\x1a", today=TODAY).total == 1
    assert read_statement(packed(transfers(Transfer(1)), "") + b"\x1a\r\n", today=TODAY).total == 1


def test_amounts_of_eleven_and_twelve_digits_stand_in_the_second_field() -> None:
    given = Transfer(999_999_999_999, edi="A"), Transfer(9_999_999_999)
    data = packed([header(), transfer(given[0], twelve=True), trailer(given[:1]), end()])
    assert [line.amount for line in read_statement(data, today=TODAY).lines] == [999_999_999_999]
    data = packed([header(), transfer(given[1], twelve=True), trailer(given[1:]), end()])
    assert [line.amount for line in read_statement(data, today=TODAY).lines] == [9_999_999_999]


def test_a_file_without_data_is_a_statement_without_lines() -> None:
    assert read_statement(packed(transfers()), today=TODAY).lines == ()
    assert read_statement(packed(movements()), today=TODAY).lines == ()


def test_several_accounts_stand_in_one_file() -> None:
    one, other = Transfer(1_000), Transfer(2_000)
    records = [header("03"), movement(one), trailer([one], "03")]
    records += [header("03", account="7654321"), movement(other), trailer([other], "03")]
    data = packed([*records, end(7, 2, "03")])
    found = read_statement(data, today=TODAY)
    assert [line.account for line in found.lines] == ["9999-001-1234567", "9999-001-7654321"]


# ── Cancelled transfers


def test_a_cancelled_transfer_and_its_cancellation_do_not_count() -> None:
    data = packed(
        transfers(
            Transfer(500), Transfer(500), Transfer(500, cancel=True), Transfer(500, "ﾍﾞﾂﾉ ｻﾝﾌﾟﾙ")
        )
    )
    found = read_statement(data, today=TODAY)
    assert [line.line_number for line in found.lines] == [2, 5]
    assert [(one.line_number, one.reason) for one in found.skipped] == [
        (3, "cancelled"),
        (4, "cancels_a_line"),
    ]


def test_the_cancellation_of_an_earlier_file_is_left_to_a_person() -> None:
    found = read_statement(packed(transfers(Transfer(500, cancel=True))), today=TODAY)
    assert found.lines == ()
    assert [one.reason for one in found.skipped] == ["cancels_an_earlier_file"]


def test_a_trailer_may_count_cancelled_transfers_among_all() -> None:
    given = Transfer(500), Transfer(700), Transfer(500, cancel=True)
    every = "8" + "000003" + "000000001700" + "000001" + "000000000500" + " " * 163
    data = packed([header(), *map(transfer, given), every, end()])
    assert read_statement(data, today=TODAY).total == 700


# ── Fingerprints


def test_equal_lines_of_a_file_are_counted_apart_and_known_again() -> None:
    data = packed(transfers(Transfer(500), Transfer(500), Transfer(500, number=9)))
    prints = [line.fingerprint for line in read_statement(data, today=TODAY).lines]
    assert len(set(prints)) == 3
    again = packed(transfers(Transfer(500, number=3), Transfer(500), Transfer(500)), "", "utf-8")
    assert [line.fingerprint for line in read_statement(again, today=TODAY).lines] == prints


def test_a_longer_download_knows_the_lines_of_a_shorter_one() -> None:
    early = Transfer(900, day=date(2026, 3, 1))
    shorter = read_statement(packed(transfers(Transfer(500), Transfer(500))), today=TODAY)
    longer = read_statement(packed(transfers(early, Transfer(500), Transfer(500))), today=TODAY)
    assert [line.fingerprint for line in longer.lines[1:]] == [
        line.fingerprint for line in shorter.lines
    ]


def test_lines_that_were_imported_before_are_refused_and_new_ones_are_not() -> None:
    known = {
        line.fingerprint
        for line in read_statement(packed(transfers(Transfer(500))), today=TODAY).lines
    }
    found = read_statement(packed(transfers(Transfer(500), Transfer(500))), today=TODAY)
    fresh, before = unseen(found.lines, known)
    assert [line.line_number for line in fresh] == [3]
    assert [(one.line_number, one.reason, one.amount) for one in before] == [
        (2, "imported_before", 500)
    ]


@pytest.mark.parametrize(
    "other",
    [
        Transfer(501),
        Transfer(500, day=date(2026, 3, 11)),
        Transfer(500, "ｻﾝﾌﾟﾙ"),
    ],
)
def test_another_day_amount_or_payer_is_another_line(other: Transfer) -> None:
    one, two = (
        read_statement(packed(transfers(each)), today=TODAY).lines[0].fingerprint
        for each in (Transfer(500), other)
    )
    assert one != two


# ── Files that are refused

GOOD = transfers(Transfer(1_000), Transfer(2_000))
LONG = movements(Transfer(1_000), Transfer(700, out=True))


def changed(records: list[str], at: int, place: int, text: str) -> list[str]:
    """The records with some characters of one replaced; ``place`` counts from 1 as the tables do."""
    record = records[at]
    made = record[: place - 1] + text + record[place - 1 + len(text) :]
    return [*records[:at], made, *records[at + 1 :]]


BROKEN: dict[str, tuple[list[str], str, int | None, str]] = {
    "no end": (GOOD[:-1], "cut_off", None, "end (9)"),
    "no trailer": (GOOD[:-2], "cut_off", None, "trailer (8)"),
    "a header alone": (GOOD[:1], "cut_off", None, "trailer (8)"),
    "no trailer before the end": ([*GOOD[:-2], GOOD[-1]], "record_order", 4, "trailer (8)"),
    "data behind the trailer": ([*GOOD[:-1], GOOD[1], GOOD[-1]], "record_order", 5, "end (9)"),
    "two headers": ([GOOD[0], *GOOD], "record_order", 2, "data (2)"),
    "two ends": ([*GOOD, GOOD[-1]], "record_order", 6, "nothing"),
    "a kind of record that there is not": (changed(GOOD, 1, 1, "5"), "record_order", 2, "'5'"),
    "a total too high": (changed(GOOD, 3, 8, "000000003001"), "totals_differ", 4, "3001"),
    "a count too low": (changed(GOOD, 3, 2, "000001"), "totals_differ", 4, "振込合計件数"),
    "an amount that was changed": (changed(GOOD, 1, 20, "0000001001"), "totals_differ", 4, "3001"),
    "a line that is missing": ([GOOD[0], *GOOD[2:]], "totals_differ", 3, "is 2, but the records come to 1"),
    "a line that is there twice": ([*GOOD[:2], *GOOD[1:]], "totals_differ", 5, "come to 3"),
    "cancellations that are not there": (changed(GOOD, 3, 20, "000001"), "totals_differ", 4, "取消"),
    "a total of nothing": (changed(GOOD, 3, 2, " " * 18), "totals_differ", 4, "振込合計件数"),
    "movements: the sum of deposits": (changed(LONG, 3, 8, "1" * 13), "totals_differ", 4, "入金額"),
    "movements: the sum of withdrawals": (changed(LONG, 3, 27, "9" * 13), "totals_differ", 4, "出金"),
    "movements: the number of records": (changed(LONG, 3, 55, "0000009"), "totals_differ", 4, "9"),
    "movements: the end's count": (changed(LONG, 4, 2, "0000000009"), "totals_differ", 5, "9"),
    "movements: the end's accounts": (changed(LONG, 4, 12, "00003"), "totals_differ", 5, "口座数"),
    "movements: neither in nor out": (changed(LONG, 1, 22, "3"), "unknown_direction", 2, "'3'"),
    "letters in an amount": (changed(GOOD, 1, 20, "00000010O0"), "field_not_digits", 2, "金額"),
    "a shifted record": (changed(GOOD, 1, 2, GOOD[1][:199]), "bad_date", 2, ""),
    "a day that there is not": (changed(GOOD, 1, 8, "080230"), "bad_date", 2, "080230"),
    "no day": (changed(GOOD, 1, 8, "      "), "bad_date", 2, ""),
    "transfers to be sent": (changed(GOOD, 0, 2, "21"), "other_file_kind", 1, "21"),
    "a second header of another kind": (
        [*GOOD[:-1], *LONG],
        "other_file_kind",
        5,
        "03",
    ),
    "a time deposit": (changed(LONG, 0, 63, "6"), "other_account_kind", 1, "6"),
    "EBCDIC by its own word": (changed(GOOD, 0, 4, "1"), "ebcdic", None, "JIS"),
    "two amounts": (
        [GOOD[0], changed([transfer(Transfer(5), twelve=True)], 0, 129, "000000000007")[0]],
        "two_amounts",
        2,
        "5 and 7",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_naming_the_line(case: str) -> None:
    records, problem, line, word = BROKEN[case]
    with pytest.raises(StatementRefused) as refused:
        read_statement(packed(records), today=TODAY)
    assert (refused.value.problem, refused.value.line) == (problem, line)
    assert word in str(refused.value)
    assert refused.value.sentence("ja") != str(refused.value)
    if line is not None:
        assert str(refused.value).startswith(f"Line {line}: ")
        assert refused.value.sentence("ja").startswith(f"{line} 行目: ")


@pytest.mark.parametrize(
    ("data", "problem", "line"),
    [
        (b"", "empty", None),
        (b"\r\n \x1a", "empty", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_text", None),
        (packed(GOOD, "\n", "utf-16"), "wrong_encoding", None),
        (packed(GOOD, "\n", "utf-32")[4:], "not_text", None),
        ("1010".encode("cp037") * 50, "ebcdic", None),
        (packed(GOOD).replace(b"\xbb\xdd\xcc\xdf\xd9", b"\xbb\xdd\xcc\x81\x20", 1), "wrong_encoding", 1),
        (b"\xef\xbb\xbf" + packed(GOOD), "wrong_encoding", 1),
        (packed(GOOD[:2]) + b"\x1b$B" + packed(GOOD[2:]), "wrong_encoding", 3),
        (packed(GOOD)[:150], "record_length", 1),
        (packed(GOOD, "")[:450], "record_length", 3),
        (packed(GOOD[:2]) + b"\r\n" + packed(GOOD[2:]), "record_length", 3),
        (packed(GOOD[:2]) + b" " + packed(GOOD[2:]), "record_length", 3),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(data: bytes, problem: str, line: int | None) -> None:
    with pytest.raises(StatementRefused) as refused:
        read_statement(data, today=TODAY)
    assert (refused.value.problem, refused.value.line) == (problem, line)


def test_a_letter_that_shift_jis_does_not_have_is_named() -> None:
    records = [GOOD[0], GOOD[1].replace("ｶ)", "😀 "), *GOOD[2:]]
    with pytest.raises(StatementRefused) as refused:
        read_statement("\n".join(records).encode(), today=TODAY)
    assert (refused.value.problem, refused.value.line) == ("wrong_encoding", 2)


def test_every_problem_has_a_sentence_in_two_languages() -> None:
    for english, japanese in PROBLEMS.values():
        assert english.endswith(".")
        assert japanese.endswith("。")


# ── Any file that a bank writes, and any cut of it

KANA = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝABCXYZ0123456789()-./"

made = st.builds(
    Transfer,
    amount=st.integers(1, 10**10 - 1),
    payer=st.text(KANA, min_size=1, max_size=48),
    day=st.dates(date(2019, 5, 1), TODAY),
    code=st.sampled_from(["", "0000000000", "0000000042", "9876543210"]),
    edi=st.text(KANA + "ﾞﾟ ", max_size=20).map(str.strip),
    number=st.integers(0, 999_999),
    out=st.booleans(),
)


@given(st.lists(made, max_size=8), st.sampled_from(["\r\n", "\n", ""]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_a_bank_writes_is_read(given_: list[Transfer], newline: str, twelve: bool) -> None:
    found = read_statement(packed(transfers(*given_, twelve=twelve), newline), today=TODAY)
    assert [
        (line.date, line.amount, line.payer_kana, line.edi, line.payer_code, int(line.bank_id))
        for line in found.lines
    ] == [
        (
            one.day,
            one.amount,
            widened(one.payer),
            widened(one.edi),
            one.code if one.code.strip("0") else "",
            one.number,
        )
        for one in given_
    ]
    assert len({line.fingerprint for line in found.lines}) == len(given_)
    moved = read_statement(packed(movements(*given_), newline), today=TODAY)
    assert moved.total == sum(one.amount for one in given_ if not one.out)
    assert len(moved.skipped) == sum(one.out for one in given_)


@given(st.lists(made, max_size=3), st.sampled_from(["\r\n", "\n", ""]), st.data())
@settings(max_examples=200, deadline=None)
def test_a_file_that_was_cut_anywhere_is_refused(
    given_: list[Transfer], newline: str, data: st.DataObject
) -> None:
    records = data.draw(st.sampled_from([transfers(*given_), movements(*given_)]))
    whole = packed(records, newline)
    cut = data.draw(st.integers(0, len(whole) - len(newline) - 1))
    with pytest.raises(StatementRefused):
        read_statement(whole[:cut], today=TODAY)


@given(st.lists(made, min_size=1, max_size=3), st.data())
@settings(max_examples=200, deadline=None)
def test_a_piece_that_was_cut_out_of_the_middle_is_missed(
    given_: list[Transfer], data: st.DataObject
) -> None:
    whole = packed(transfers(*given_), "")
    start = data.draw(st.integers(0, len(whole) - 2))
    stop = data.draw(st.integers(start + 1, len(whole) - 1))
    with pytest.raises(StatementRefused):
        read_statement(whole[:start] + whole[stop:], today=TODAY)


@given(st.binary(max_size=700))
@settings(max_examples=300, deadline=None)
def test_garbage_is_refused_and_nothing_else_happens(garbage: bytes) -> None:
    with pytest.raises(StatementRefused):
        read_statement(garbage, today=TODAY)
