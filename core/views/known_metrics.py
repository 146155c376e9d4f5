"""The metrics that can be named before anything is loaded."""

from pathlib import Path

from core.base.errors import NoWorkspace
from core.catalogue.metric_tree.metrics import Catalogue
from core.workspace.read.own_catalogue import catalogue_for
from core.workspace.read.workspace import Workspace


def catalogue_and_measures(path: Path) -> tuple[Catalogue, tuple[str, ...] | None]:
    """The catalogue for a workspace file, and the base measures that it counts; None when there is no workspace yet."""
    try:
        with Workspace.open(path) as workspace:
            return workspace.catalogue, workspace.measures
    except NoWorkspace:
        return catalogue_for(path), None
