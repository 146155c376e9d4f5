"""Countries that titles name, in several languages."""

import pytest

from core.catalogue.country_names import countries_called, countries_named

MARKETS = ("BR", "GB", "ID", "NE", "NG", "TH", "US", "VN", "live", "")


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("New carrier in Indonesia", ("ID",)),
        ("Zahlungsausfall für indonesische und thailändische Käufer in Thailand", ("TH",)),
        ("Panne chez nos partenaires d'Indonésie", ("ID",)),
        ("Queda do PIX no Brasil", ("BR",)),
        ("Сбой оплаты в Индонезии", ("ID",)),
        ("泰国物流调整", ("TH",)),
        ("インドネシアの決済障害", ("ID",)),
        ("인도네시아의 결제 장애", ("ID",)),
        ("ระบบชำระเงินขัดข้องในอินโดนีเซีย", ("ID",)),
        ("Sự cố thanh toán tại Việt Nam", ("VN",)),
        ("UK and USA bank holiday", ("GB", "US")),
        ("Nigeria", ("NG",)),
        ("Niger", ("NE",)),
        ("Chiang Mai office", ()),
        ("A livelier feed", ()),
    ],
)
def test_a_title_names_countries(title: str, codes: tuple[str, ...]) -> None:
    assert countries_named(title, MARKETS) == codes


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("印度尼西亚物流调整", ("ID",)),
        ("印度物流调整", ("IN",)),
        ("인도네시아의 결제 장애", ("ID",)),
        ("North Korea sanctions", ()),
        ("Korea holidays", ("KR",)),
        ("South America and the Americas", ()),
        ("Sale in Latin America and America", ("US",)),
    ],
)
def test_a_longer_name_of_another_place_names_no_country(title: str, codes: tuple[str, ...]) -> None:
    assert countries_named(title, ("ID", "IN", "KR", "US", "419")) == codes


@pytest.mark.parametrize(
    "title",
    [
        "Thanh toán bị lỗi ở mọi nơi",  # Bỉ: Belgium
        "Áo thun khuyến mãi",  # Áo: Austria
        "Caída de pagos y envíos",  # Ý: Italy
        "タイムセール",  # タイ: Thailand
        "インドカレー特集",
    ],
)
def test_a_common_word_names_no_country(title: str) -> None:
    assert countries_named(title, ("AT", "BE", "IN", "IT", "TH")) == ()


def test_a_name_with_a_note_in_brackets_is_named_without_it() -> None:
    assert countries_named("Myanmar payment outage", ("MM",)) == ("MM",)
    assert countries_named("홍콩 배송 지연", ("HK",)) == ("HK",)


@pytest.mark.parametrize("name", ["Indonesia", "INDONESIEN", "Indonésie", "Индонезия", "인도네시아", "印度尼西亚"])
def test_a_country_has_a_name_in_every_language(name: str) -> None:
    assert countries_called(name) == ("ID",)


@pytest.mark.parametrize("name", ["Indonesi", "Indonesian", "south", ""])
def test_a_part_of_a_name_is_no_country(name: str) -> None:
    assert countries_called(name) == ()
