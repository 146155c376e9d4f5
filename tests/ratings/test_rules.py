"""Rules as data: the packaged ones hold together, and a file of one's own says what it changes or is refused."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.catalogue.rating_rules import load, packaged


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    return path


def test_a_file_changes_only_what_it_names(tmp_path: Path) -> None:
    rules = load(
        own(tmp_path, "version = 'mine'\n[evidence]\nhalf_life_days = 30\n[roles.affiliate]\nweights = {content = 100}")
    )
    before = packaged()
    assert (rules.version, rules.half_life_days) == ("mine", 30)
    assert rules.roles["affiliate"].weights == {"content": 100}
    assert rules.roles["affiliate"].channels == before.roles["affiliate"].channels
    assert rules.roles["live_host"] == before.roles["live_host"]


def test_a_new_role_and_component_can_be_added(tmp_path: Path) -> None:
    text = """
    [components.returns]
    of = "deliveries"
    bad = ["product", "content"]
    [roles.talent]
    weights = { returns = 60, compliance = 40 }
    controls = ["product", "content", "violation"]
    """
    role = load(own(tmp_path, text)).role("talent")
    assert dict(role.weights) == {"returns": 60, "compliance": 40}
    assert load(None).role("talent").key == "creator"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[evidence]\nhalflife_days = 3", "rules.toml:2: evidence.halflife_days: unknown. Did you mean half_life_days"),
        ("[evidence]\nripe_days = 28", "rules.toml:2: evidence.ripe_days: is called mature_after_days now."),
        ("[evidence]\nhalf_life_days = 'x'", "not a number from 1 to 10000"),
        ("[roles.affiliate]\nweights = { product = 50 }", "rules.toml:2: roles.affiliate.weights: they add up to 50"),
        ("[roles.affiliate]\nweights = { produce = 100 }", "no component 'produce'. Did you mean product"),
        ("[roles.affiliate]\ncontrols = ['batches']", "no reason 'batches'. Did you mean batch"),
        ("[grades]\nA = 50\nB = 60\nC = 0", "best first"),
        ("[peers]\ngroups = [['role']]", "the last one []"),
        ("[peers]\ngroups = [['role'], ['market'], []]", "a part of what the one before it shares"),
        ("[peers]\ngroups = [['role'], ['role'], []]", "a part of what the one before it shares"),
        ("[peers]\ngroups = [['size'], []]", "people share some of role, market, category"),
        ("roles = 3", "a table is expected"),
        ("[components.product]\nof = 'clicks'", "'clicks' is none of deliveries, dispatches, orders"),
        ("[[", "not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match="rules.toml") as refused:
        load(own(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
