"""What names of measures and values say of their direction, in every language of exports."""

import tomllib
from importlib.resources import files

import pytest

from core.base.segment import Segment
from core.catalogue.metric_tree.bad_states import is_bad_state
from core.catalogue.metric_tree.good_direction import good_direction


def test_every_language_whose_headers_are_read_has_words_for_what_is_bad() -> None:
    headers = {
        file.name.removesuffix(".toml") for file in files("core.ingest.headers").iterdir() if ".toml" in file.name
    }
    data = tomllib.loads((files("core.catalogue.metric_tree") / "good_direction.toml").read_text(encoding="utf-8"))
    assert headers - set(data["bad"]) == set()


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("bad_debt queue_minutes sick_days voids disconnects", "hold_orders voiceover_minutes debit_payments"),
        ("Absagen Schadensfälle", "Zusagen Buchungen"),
        ("contracargos bajas impagos", "altas cargos pagos"),
        ("impayés résiliations", "paiements réservations"),
        ("disdette insoluti", "iscritti vendite"),
        ("inadimplência queixas", "vendas assinaturas"),
        ("задержки отток", "продажи приток"),
        ("klachten annuleringen storingen opzeggingen", "omzet bestellingen bezoekers"),
        ("avbokningar klagomål förseningar returer", "bokningar försäljning besök returning_visits"),
        ("avbestillinger klager feil", "bestillinger besøk salg"),
        ("aflysninger fejl reklamationer", "bookinger salg besøgende"),
        ("zrušení stížnosti zpoždění chyby", "tržby objednávky návštěvy"),
        ("anulări reclamații întârzieri", "comenzi vânzări vizite"),
        ("lemondások panaszok késések hibák", "rendelések bevétel készlet"),
        ("ακυρώσεις παράπονα καθυστερήσεις", "πωλήσεις παραγγελίες"),
        ("ביטולים תלונות החזרים", "מכירות הזמנות"),
        ("الإلغاءات الشكاوى المرتجعات", "المبيعات الطلبات"),
        ("शिकायतें त्रुटियाँ", "बिक्री आगंतुक"),
        ("скасування повернення скарги", "продажі замовлення збори"),
    ],
)
def test_less_of_what_is_bad_is_good(bad: str, good: str) -> None:
    assert {name: good_direction(name) for name in bad.split()} == dict.fromkeys(bad.split(), "down")
    assert {name: good_direction(name) for name in good.split()} == dict.fromkeys(good.split(), "up")


@pytest.mark.parametrize(
    ("column", "is_state"),
    [("daypart", False), ("time_of_day", False), ("Shift", False), ("delivery", True), ("slot_status", True)],
)
def test_late_is_a_part_of_the_day_or_a_state(column: str, is_state: bool) -> None:
    """Guests of a late hour are no late guests: more of them were a drop, and fewer none."""
    assert is_bad_state(Segment.of({column: "late"})) is is_state
