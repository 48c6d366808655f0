"""`productdesc models` and `productdesc schema`: what can be used, what comes out."""

from __future__ import annotations

import argparse
from typing import Any

from ..channels import description_schema, find_channel
from ..text.printable import listed, printable
from . import arguments
from .terminal import show, show_json


def add(commands: Any, epilog: str) -> None:
    models = commands.add_parser(
        "models",
        help="list the models that can be used, or show an adapter",
        description="Without options: every known model, and whether it is here.",
    )
    arguments.add_adapter(models)
    models.add_argument("--offline", action="store_true",
                        help="never ask the hub, use what is here")  # fmt: skip
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

    if chosen.adapter:
        return _adapter(chosen)
    if chosen.adapter_revision:
        raise ValueError("--adapter-revision: it is of an adapter; give --adapter with it")
    rows = known_models()
    if chosen.json:
        show_json([row._asdict() for row in rows], indent=2)
        return 0
    for row in rows:
        state = "ready" if row.present else f"not here; get it: {row.get}"
        show(f"{row.name}\n  {row.note}\n  {state}")
    return 0


def _adapter(chosen: argparse.Namespace) -> int:
    from ..engines import QwenOptions
    from ..engines.checkpoint.adapter import find_adapter

    found = find_adapter(
        QwenOptions(
            adapter=chosen.adapter,
            adapter_revision=chosen.adapter_revision,
            offline=chosen.offline,
        )
    )
    assert found is not None
    about = {
        "name": found.name,
        "revision": found.revision,
        "digest": found.digest,
        "rank": found.config.r,
        "values": sum(entry.values for entry in found.tensors.values()),
        "base_model": found.config.base_model_name_or_path or "",
        "base_digest": found.base_digest,
        "max_pixels": found.max_pixels,
        "categories": [*found.categories],
    }
    if chosen.json:
        show_json(about, indent=2)
        return 0
    told = {
        "digest": about["digest"],
        "LoRA": f"rank {about['rank']}, {about['values']:,} values",
        "base model": printable(about["base_model"] or "not said", "name"),
        "base weights": printable(about["base_digest"] or "not said", "code"),
        "kinds": listed(found.categories) or "the base model's",
    }
    show(printable(found.name, "name"))
    for what, text in told.items():
        show(f"  {what}: {text}")
    return 0


def _schema(chosen: argparse.Namespace) -> int:
    schema = description_schema(find_channel(chosen.channel), chosen.fields)
    show_json(schema, indent=2)
    return 0
