"""Countries that titles name, in several languages."""

import pytest

from core.catalogue.country_names import countries_named

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
