"""`productdesc models` and `productdesc schema`: what can be used, what comes out."""

from __future__ import annotations

import argparse
from typing import Any

from ..channels import description_schema, find_channel
from . import arguments
from .terminal import show, show_json


def add(commands: Any, epilog: str) -> None:
    models = commands.add_parser("models", help="list the models that can be used")
    models.add_argument("--json", action="store_true", help="print JSON")
    models.set_defaults(run=_models)
    schema = commands.add_parser(
        "schema", help="print the JSON schema of a description", allow_abbrev=False
    )
    arguments.add_channel(schema)
    schema.add_argument("--json", action="store_true", help="it is JSON in any case")
    schema.set_defaults(run=_schema)


def _models(chosen: argparse.Namespace) -> int:
    from ..engines import known_models

    rows = known_models()
    if chosen.json:
        show_json([row._asdict() for row in rows], indent=2)
        return 0
    for row in rows:
        state = "ready" if row.present else f"not here; get it: {row.get}"
        show(f"{row.name}\n  {row.note}\n  {state}")
    return 0


def _schema(chosen: argparse.Namespace) -> int:
    schema = description_schema(find_channel(chosen.channel), chosen.fields)
    show_json(schema, indent=2)
    return 0
