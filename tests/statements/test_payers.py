"""Who may have paid: candidates, scores and reasons."""

import pytest

from seikyu.engine.statements import Payer, PayerMatch, certain, payer_matches
from seikyu.engine.statements.payers import SCORES

SHOJI = Payer(
    "cus_1", ("株式会社サンプル商事", "カブシキガイシャサンプルショウジ"), ("901-1234567",)
)
TARO = Payer("cus_2", ("サンプル タロウ",), ("9011234568",))
TRADE = Payer("cus_3", ("ユウゲンガイシャサンプルボウエキ",))
ALL = (SHOJI, TARO, TRADE)


@pytest.mark.parametrize(
    ("kana", "customer", "reason"),
    [
        ("カ)サンプルシヨウジ", "cus_1", "same_name"),
        ("ｶ)ｻﾝﾌﾟﾙｼﾖｳｼﾞ", "cus_1", "same_name"),
        ("サンプルシヨウジ(カ", "cus_1", "same_name"),
        ("株式会社サンプル商事", "cus_1", "same_name"),
        ("サンプルシヨウジ", "cus_1", "same_name_other_form"),
        ("ド)サンプルシヨウジ", "cus_1", "same_name_other_form"),
        ("サンプルタロウ", "cus_2", "same_name"),
        ("ｻﾝﾌﾟﾙ ﾀﾛｳ", "cus_2", "same_name"),
        ("0042 サンプルタロウ", "cus_2", "name_after_number"),
        ("カ)サンプルシヨ", "cus_1", "name_cut_off"),
        ("カ)サンプルシヨウジ オオサカシテン", "cus_1", "name_and_more"),
        ("サンプルタロー", "cus_2", "name_cut_off"),
        ("サンプルタロオ", "cus_2", "one_letter_differs"),
        ("ユ)サンプルボーエキ", "cus_3", "one_letter_differs"),
    ],
)
def test_the_surest_candidate_and_why(kana: str, customer: str, reason: str) -> None:
    best = payer_matches(kana, ALL)[0]
    assert best == PayerMatch(customer, SCORES[reason][0], reason)


@pytest.mark.parametrize("kana", ["", "ベツノカイシヤ", "カ)", "サンブ", "リソク"])
def test_who_is_not_known_has_no_candidates(kana: str) -> None:
    assert payer_matches(kana, ALL) == ()


def test_a_beginning_may_be_that_of_several() -> None:
    found = payer_matches("サンプル", ALL)
    assert [(match.customer, match.reason) for match in found] == [
        ("cus_1", "name_cut_off"),
        ("cus_2", "name_cut_off"),
        ("cus_3", "name_cut_off"),
    ]
    assert certain(found) is None


@pytest.mark.parametrize(
    "kana", ["サンプルテン2", "サンプルテン212", "サンプルテン31", "サンプルテン"]
)
def test_numbers_of_shops_are_not_slips(kana: str) -> None:
    """Only what may have been cut off before its number is a candidate."""
    shop = Payer("cus_7", ("サンプルテン21",))
    found = [match.reason for match in payer_matches(kana, [shop])]
    assert found == (["name_cut_off"] if kana == "サンプルテン" else [])


@pytest.mark.parametrize(
    "kana", ["サンプルボウエ", "サンプルボウボエキ", "サンプルバウエキ", "ンプルボウエキ"]
)
def test_one_letter_may_be_replaced_left_out_or_added(kana: str) -> None:
    reason = "name_cut_off" if kana == "サンプルボウエ" else "one_letter_differs"
    assert payer_matches(kana, [TRADE]) == (PayerMatch("cus_3", SCORES[reason][0], reason),)


def test_two_letters_are_another_name() -> None:
    assert payer_matches("サンブルボウエヒ", [TRADE]) == ()


def test_a_virtual_account_beats_every_name() -> None:
    found = payer_matches("カ)サンプルシヨウジ", ALL, payer_code="9011234568")
    assert found == (PayerMatch("cus_2", 100, "virtual_account"),)
    assert certain(found) == found[0]
    assert found[0].sentence("ja") == "この顧客に割り当てた口座番号への振込です。"


@pytest.mark.parametrize("code", ["9011234567", "901-1234567", "09011234567"])
def test_an_account_number_may_be_written_in_several_ways(code: str) -> None:
    assert payer_matches("", ALL, payer_code=code)[0].customer == "cus_1"


@pytest.mark.parametrize("code", ["", "0000000000", "1234567", "9011234569"])
def test_another_number_leaves_it_to_the_name(code: str) -> None:
    assert payer_matches("サンプルタロウ", ALL, payer_code=code)[0].reason == "same_name"


def test_only_a_sure_and_single_candidate_is_certain() -> None:
    assert certain(payer_matches("カ)サンプルシヨウジ", ALL)) == PayerMatch(
        "cus_1", 90, "same_name"
    )
    twin = Payer("cus_9", ("株式会社サンプルショウジ",))
    assert certain(payer_matches("カ)サンプルシヨウジ", (*ALL, twin))) is None
    assert certain(payer_matches("カ)サンプルシヨ", ALL)) is None
    assert certain(()) is None


def test_the_legal_form_tells_two_of_one_name_apart() -> None:
    other = Payer("cus_9", ("合同会社サンプルショウジ",))
    found = payer_matches("ド)サンプルシヨウジ", (*ALL, other))
    assert [(match.customer, match.score) for match in found[:2]] == [("cus_9", 90), ("cus_1", 80)]
    assert certain(found) == found[0]


def test_every_reason_has_a_score_and_sentences() -> None:
    scores = [score for score, _, _ in SCORES.values()]
    assert scores == sorted(scores, reverse=True)
    for reason, (score, english, japanese) in SCORES.items():
        match = PayerMatch("cus_1", score, reason)
        assert (match.sentence("en"), match.sentence("ja")) == (english, japanese)
        assert english.endswith(".")
        assert japanese.endswith("。")
