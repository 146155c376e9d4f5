"""What an event is, by the words that other systems write."""

import pytest

from core.catalogue.cause_signatures import load
from core.catalogue.event_kinds import EVENT_KINDS, event_kind, says_over
from core.catalogue.metric_tree.metric_loader import load as load_catalogue
from core.explanation.diagnose.cause_tests import FACTS


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        *((name, name) for name in EVENT_KINDS),
        ("Incident", "outage"),
        ("DEPLOYMENT", "release"),
        ("promo", "campaign"),
        ("price changes", "price"),
        ("Policies", "policy"),
        ("taxes", "policy"),
        ("public-holiday", "holiday"),
        ("sev2 incident (payments)", "outage"),
        ("pipe cleaning", "other"),
        ("Änderung der Versandkosten", "logistics"),
        ("Feiertag", "holiday"),
        ("Panne de paiement", "outage"),
        ("Nuova versione dell'app", "release"),
        ("Cambio de tarifas", "price"),
        ("Feriado", "holiday"),
        ("gangguan pembayaran", "outage"),
        ("KEMPEN", "campaign"),
        ("khuyến mãi", "campaign"),
        ("วันหยุดยาว", "holiday"),
        ("平台规则调整", "policy"),
        ("決済の障害", "outage"),
        ("배송 지연", "logistics"),
        ("Смена алгоритма", "ranking"),
        ("nagpapahinga", "other"),
        ("", "other"),
    ],
)
def test_a_kind_by_any_word(written: str, kind: str):
    assert event_kind(written) == kind


def test_own_causes_may_use_the_words_of_their_change_log(tmp_path):
    own = tmp_path / "whydrop.toml"
    own.write_text(
        '[causes.MINE]\nname = "Voucher over"\nmoves = { ctr = "down" }\nslices = ["market"]\naction = "a"\nowner = "o"\n'
        'verify = "v"\nevents = ["promo over", "deploy", "-"]\n'
    )
    assert load(load_catalogue(), FACTS, own)["MINE"].events == ("campaign over", "release", "-")


@pytest.mark.parametrize(
    "title",
    [
        "End of season sale", "Ofertas de fin de semana", "Nuevos términos y condiciones", "Soldes de fin d'année",
        "Saldi di fine anno",
        "Promoção de fim de semana", "Promo akhir pekan", "Áp dụng phí mới", "เปิดแคมเปญลดราคา", "วันหยุดสงกรานต์",
        "Free shipping over 50 EUR",
    ],
)  # fmt: skip
def test_a_season_an_opening_and_an_amount_are_no_end(title: str) -> None:
    assert not says_over(title)


@pytest.mark.parametrize(
    "title",
    [
        "Fin de la promoción", "La campaña termina", "Término da campanha", "Fine dei saldi", "ปิดแคมเปญ", "Dừng khuyến mãi",
        "Promo berakhir", "Sale over", "End of the voucher campaign",
    ],
)  # fmt: skip
def test_an_end_is_an_end(title: str) -> None:
    assert says_over(title)
