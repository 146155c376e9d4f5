"""Which code page of one byte a letter a small export is in."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.ingest.formats.encoding import encoding_of
from tests.ingest.shapes import days, figures, loads

WORDS = {
    "cp1252": (
        "Größe;groß;mittelmäßig",
        "Größe;Ø Länge;5 €",
        "Belopp;À-pris",
        "Größe;klein",
        "Año;España;señor",
        "Région;Île-de-France;Côte d’Azur",
    ),
    "cp1250": (
        "Město;Plzeň;Žďár nad Sázavou",
        "Łódź;Wrocław;Kraków",
        "Győr;Hódmezővásárhely",
        "Ilość;Kwota",
        "Constanţa;Iaşi",
    ),
    "cp1251": ("Город;Москва;Нижний Новгород", "Дата;Выручка", "Київ;Львів;Харків"),
    "koi8-r": ("Город;Москва;Нижний Новгород;Заказы", "Дата;Выручка;Канал"),
    "cp866": ("Город;Москва;Нижний Новгород",),
    "cp874": ("จังหวัด;กรุงเทพ;เชียงใหม่", "วันที่;ยอดขาย;จำนวนคำสั่งซื้อ"),
    "cp1253": ("Αθήνα;Θεσσαλονίκη;Πάτρα", "Ημερομηνία;Παραγγελίες"),
    "cp1254": ("İstanbul;Ağrı;Muş;Şişli", "Sipariş;Ürün"),
    "cp1255": ("עיר;תל אביב;חיפה;כמות", "תאריך;הזמנות"),
    "cp1256": ("المدينة;الرياض;جدة;الكمية", "التاريخ;الطلبات"),
    "cp1257": ("Šiauliai;Klaipėda;Panevėžys", "Rīga;Liepāja;Jūrmala"),
    "cp850": ("Größe;groß;mittelmäßig", "Région;Île;Hérault"),
    "cp852": ("Łódź;Wrocław;Gdańsk",),
    "mac_roman": ("Größe;groß",),
}


@pytest.mark.parametrize("page", WORDS)
def test_a_few_words_tell_their_page(page: str) -> None:
    for words in WORDS[page]:
        text = "Date;X\n" + "".join(f"{day};{words}\n" for day in days(8))
        assert text.encode(page).decode(encoding_of(text.encode(page), "x.csv")) == text


def test_signs_alone_are_of_the_western_page(tmp_path: Path) -> None:
    loads(
        tmp_path,
        "".join(["Tag;Summe X\n", *(f"{day};1’{at}50.00\n" for at, day in enumerate(days(6), 1))]).encode("cp1252"),
    )
    assert figures(tmp_path, "SELECT sum(summe_x), count(*) FROM daily") == (8400, 6)


def test_signs_before_each_amount_hide_no_korean_letters() -> None:
    text = "영업일자,매출액\n" + "".join(f'{day},"￦1,5{at:02d}"\n' for at, day in enumerate(days(30)))
    assert encoding_of(text.encode("cp949"), "x.csv") == "cp949"


def test_amounts_with_wide_signs_are_figures(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Paid\n" + "".join(f'{day},"￦1,5{at:02d}"\n' for at, day in enumerate(days(3))))
    assert figures(tmp_path, "SELECT sum(paid) FROM daily") == (4503,)


def test_signs_of_four_bytes_hide_no_chinese_letters() -> None:
    text = "日期,成交金额,观看人数\n" + "".join(f"{day},¥{at},7\n" for at, day in enumerate(days(30)))
    assert encoding_of(text.encode("gb18030"), "x.csv") == "gb18030"


def test_letters_that_make_no_words_are_refused() -> None:
    data = b"Date;\xd6\xb1\xb2\xa5\x81\xbc\xe4;\xb3\xc9\xbd\xbb\x9d\xb6\xee\n" * 9
    with pytest.raises(UsageError, match="Name it with --encoding"):
        encoding_of(data, "x.csv")
