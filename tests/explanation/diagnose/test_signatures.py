"""The signatures are data that the loader checks."""

import pytest

from core.base.errors import UsageError
from core.catalogue.cause_signatures import load
from core.catalogue.metric_tree.metric_loader import load as load_catalogue
from core.explanation.diagnose.cause_tests import FACTS

CATALOGUE = load_catalogue()
OWN = """
[causes.LIVE1]
name = "Studio lights failed"
moves = { ctr = "down" }
slices = ["channel"]
action = "Change the bulbs."
owner = "Studio"
verify = "The rate is back."
"""


def test_all_known_causes_are_there_with_what_to_do():
    found = load(CATALOGUE, FACTS)
    assert list(found) == [f"C{number:02d}" for number in range(1, 27)]
    for one in found.values():
        assert one.moves or one.facts, one.key
        assert one.decides
        assert one.lookalikes
        assert one.key not in one.lookalikes


def test_users_add_their_own(tmp_path):
    own = tmp_path / "whydrop.toml"
    own.write_text(OWN)
    assert load(CATALOGUE, FACTS, own)["LIVE1"].owner == "Studio"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('moves = { ctrr = "down" }', "no metric 'ctrr'. Did you mean ctr"),
        ('moves = { ctr = "sideways" }', "no direction 'sideways'"),
        ("movess = {}", "no field 'movess'"),
        ("flat = 3", "flat has another form"),
        ("facts = { mostly_mixed = true }", "no test 'mostly_mixed'. Did you mean mostly_mix"),
        ('onset = ["cliff"]', "no shape 'cliff'"),
        ('lookalikes = ["C99"]', "no cause 'C99'"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(tmp_path, wrong, message):
    own = tmp_path / "whydrop.toml"
    own.write_text(OWN.replace('moves = { ctr = "down" }', wrong))
    with pytest.raises(UsageError, match="LIVE1") as error:
        load(CATALOGUE, FACTS, own)
    assert f"{own}:4: " in str(error.value)
    assert message in str(error.value)


def test_a_signature_without_an_action_is_refused(tmp_path):
    own = tmp_path / "whydrop.toml"
    own.write_text(OWN.replace('action = "Change the bulbs."', ""))
    with pytest.raises(UsageError, match="action is missing"):
        load(CATALOGUE, FACTS, own)
