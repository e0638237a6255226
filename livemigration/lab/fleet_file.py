"""A fleet as the text of a fleet file."""

from __future__ import annotations

import io

from ruamel.yaml import YAML

from livemigration.lab.fleet import Fleet


def fleet_text(fleet: Fleet) -> str:
    """Return a fleet file that holds this fleet; what is as by default is left out."""
    yaml = YAML()
    yaml.width = 100
    stream = io.StringIO()
    yaml.dump(fleet.model_dump(mode="json", exclude_defaults=True), stream)
    return stream.getvalue()
