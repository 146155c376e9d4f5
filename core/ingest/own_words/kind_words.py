"""What the columns of each kind are called in a company's own words."""

from collections.abc import Mapping, Sequence

from core.catalogue.kinds import KINDS
from core.ingest.headers.word_lists import called
from core.ingest.mapping.cell_parsing import FIGURES

_OF_VIOLATIONS = ("policy", "points", "content_id")
OF_ACCOUNTS = ("person_id", "handle", "agency_id", "followers", "joined_on")
"""What such rows may have in addition, by the contract's names."""


def words_of_kinds() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Kind -> column that its rows may have in addition -> what it is called."""
    return {
        "traffic": {},
        "reviews": {"order_id": (), "text": called("review_text"), "product_id": called("product_id")},
        "violations": _called(*_OF_VIOLATIONS),
        "creators": _called(*OF_ACCOUNTS, "seller_id"),
        "roles": _called("since", "until"),
        "events": {
            "title": (*called("change_names"), *called("change_titles")),
            "ends_at": called("until"),
            "kind": [word for word in called("change_kind") if word not in called("category")],
            "owner": called("owner"),
        },
        "sellers": {"name": called("shop_name"), "joined_on": called("joined_on")},
        "products": {
            "title": called("product_title"),
            **_called("price", "currency", "listed_on", "stock"),
        },
        "videos": {
            "title": called("item_title"),
            "link": called("item_link"),
            **{name: (name.replace("_", " "),) for name, cell in KINDS["videos"].columns.items() if cell in FIGURES},
        },
    }


def _called(*targets: str) -> dict[str, Sequence[str]]:
    return {target: called(target) for target in targets}
