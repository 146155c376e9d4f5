"""Themes of texts: words, negations, and what is learnt where words are silent."""

import numpy as np
import pytest

from core.base.errors import UsageError
from core.catalogue.complaint_themes import THEMES, parse_themes
from core.catalogue.text_folding import folded_all
from core.voice.quotes import masked, quotes
from core.voice.theme_learning import learnt_themes, word_table
from core.voice.theme_lexicon import lexicon_themes


def themes_of(*texts: str) -> list[set[str]]:
    """The themes that the lexicon sees in each text."""
    return [{THEMES[place] for place in np.flatnonzero(row)} for row in lexicon_themes(folded_all(texts))]


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("Meu pedido ainda não foi entregue, muito atrasado", "delivery"),
        ("My parcel never arrived", "delivery"),
        ("El paquete nunca llegó", "delivery"),
        ("Barang belum sampai juga sampai sekarang", "delivery"),
        ("Giao hàng quá chậm, chờ mãi không thấy", "delivery"),
        ("ส่งช้ามาก รอนานเกินไป", "delivery"),
        ("等了好久还没收到货", "delivery"),
        ("Faltou um item, só veio a tampa", "partial"),
        ("Two items were missing from the box", "partial"),
        ("Giao thiếu hàng rồi shop ơi", "partial"),
        ("ส่งมาไม่ครบ ขาดไปหนึ่งชิ้น", "partial"),
        ("Recebi a cor errada", "wrong_item"),
        ("Barang tidak sesuai pesanan, salah warna", "wrong_item"),
        ("发错颜色了", "wrong_item"),
        ("O produto veio quebrado", "quality"),
        ("It stopped working after two days", "quality"),
        ("La calidad es pésima calidad y llegó roto", "quality"),
        ("สินค้าชำรุด ใช้งานไม่ได้", "quality"),
        ("A loja cancelou porque está sem estoque", "stock"),
        ("Stok habis tapi tetap dijual, pesanan dibatalkan", "stock"),
        ("Quero meu dinheiro de volta", "refund"),
        ("ขอเงินคืนด้วยค่ะ", "refund"),
        ("Ninguém responde, péssimo atendimento", "service"),
        ("客服态度差", "service"),
        ("Shipping cost is too high and it is overpriced", "price"),
        ("Propaganda enganosa na live", "content"),
        ("Tidak sesuai gambar di live, penipuan", "content"),
    ],
)
def test_each_language_speaks_of_its_theme(text: str, theme: str) -> None:
    assert theme in themes_of(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Chegou antes do prazo, produto perfeito, recomendo",
        "Entrega rápida e sem atraso, ótima qualidade",
        "Arrived early, great quality, no delay at all",
        "Barang bagus, pengiriman cepat, tidak rusak sama sekali",
        "Giao nhanh, đóng gói cẩn thận, không bị lỗi",
        "Sem atraso, não atrasou",
        "ของดีมาก ส่งไว ไม่ชำรุด",
        "质量很好，物流很快，没有瑕疵",
    ],
)
def test_praise_and_denials_are_no_complaints(text: str) -> None:
    assert themes_of(text) == [set()]


def test_case_accents_and_punctuation_change_nothing() -> None:
    same = themes_of("NÃO RECEBI!!!", "nao recebi", "Não... recebi?", "n recebi")
    assert same == [{"delivery"}] * 4


def test_texts_are_judged_one_by_one() -> None:
    texts = ["veio quebrado", "", "nao recebi", "tudo otimo"]
    together = themes_of(*texts)
    assert together == [themes_of(text)[0] for text in texts]
    assert together == list(reversed(themes_of(*reversed(texts))))


def test_silent_texts_learn_from_those_that_speak() -> None:
    chance = np.random.default_rng(4)
    parcel = ["parcel", "postman", "doorstep", "waiting", "street", "weeks"]
    fabric = ["zipper", "fabric", "sleeve", "colour", "seam", "button"]

    def texts(words: list[str], tail: str, count: int) -> list[str]:
        return [" ".join([*chance.choice(words, 5), tail]) for _ in range(count)]

    known = folded_all(texts(parcel, "never arrived", 60) + texts(fabric, "broken", 60))
    silent = folded_all(texts(parcel, "", 10) + texts(fabric, "", 10) + ["bad"])
    labels = lexicon_themes([*known, *silent])
    assert not labels[120:].any()
    learnt = learnt_themes(word_table([*known, *silent]), labels)
    assert learnt[120:130, THEMES.index("delivery")].sum() >= 9
    assert learnt[130:140, THEMES.index("quality")].sum() >= 9  # one may repeat two words
    assert not learnt[140].any()
    assert (learnt[:120] == labels[:120]).all()


def test_words_of_scripts_without_blanks_are_pairs_of_characters() -> None:
    table = word_table(folded_all(["质量很差", "good 质量"]))
    words = {(int(text), table.vocabulary[word]) for text, word in zip(table.texts, table.words, strict=True)}
    assert words == {(0, "质量"), (0, "量很"), (0, "很差"), (1, "good"), (1, "质量")}


def test_texts_of_a_single_word_keep_their_places() -> None:
    table = word_table(["late", "", "late late"])
    assert (table.texts.tolist(), table.words.tolist()) == ([0, 2], [0, 0])
    assert table.vocabulary[0] == "late"


def test_quotes_mask_whoever_they_name() -> None:
    text = "Write to maria.silva+x@mail.example or +55 (11) 98765-4321, https://a.example/x order 20260301-77"
    line = masked(text)
    assert "maria" not in line
    assert "98765" not in line
    assert "a.example" not in line
    assert "20260301" not in line
    assert len(masked("word " * 100)) <= 164
    themes = lexicon_themes(folded_all(["never arrived and still waiting", "never arrived, broken, no refund", "ok"]))
    assert quotes(["never arrived and still waiting", "never arrived, broken, no refund", "ok"], themes, 0, 1) == (
        "never arrived and still waiting",
    )


def test_the_newest_quotes_come_first_and_a_mark_after_a_mail_stays() -> None:
    texts = [
        "the first one never arrived",
        "mail me at ana@mail.com, it never arrived",
        "ask ana@mail.com/x why it never came",
    ]
    only = np.ones((3, 1), bool)
    assert quotes(texts, only, 0, 2) == ("ask [mail] why it never came", "mail me at [mail], it never arrived")
    assert len(quotes(texts, only, 0, 5)) == 3


def test_texts_of_twenty_letters_to_two_lines_are_quoted() -> None:
    """A line has 160 letters; what is longer than two of them says more than a quote can."""
    short, least, most, long = "late " * 3, "never arrived at all", "late " * 64, "late " * 64 + "."
    assert [len(text) for text in (short, least, most, long)] == [15, 20, 320, 321]
    only = np.ones((4, 1), bool)
    assert quotes([short, least, most, long], only, 0, 4) == ("late " * 31 + "late ...", least)


def test_themes_that_are_missing_are_named() -> None:
    with pytest.raises(UsageError, match="missing"):
        parse_themes("[delivery]\nname = 'x'\nowner = 'y'\n")
