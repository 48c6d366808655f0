"""`productdesc compare`: models beside each other, on the same photos."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import CatalogError
from .. import arguments, chosen_engine
from ..network import add_network
from ..terminal import say, show, show_json

if TYPE_CHECKING:
    from ...evaluate.model_table.worker_messages import Load

FILES = ("models.md", "models.json", "models.html")

EXAMPLES = """\
examples:
  productdesc compare demo models/mine --photos photos
  productdesc compare Qwen/Qwen2-VL-2B-Instruct llava-hf/llava-1.5-7b-hf --photos photos \\
      --vqa vqa-v2 --vqa-photos val2014 --vqa-limit 500 --out table
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "compare",
        help="set models beside each other: accuracy, seconds, memory, answers",
        description="Ask every model about the same photos, in turn, each in a process of "
        "its own. MODEL is what --model takes elsewhere: demo, a folder, a hub id, the URL "
        "of a server.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("models", nargs="+", metavar="MODEL", help="two models or more")
    add("--photos", dest="folder", type=Path, required=True, metavar="FOLDER",
        help="the photos to ask about, in the order of their names")  # fmt: skip
    add("--limit", type=arguments.count, metavar="N", help="the first N photos only")
    add("--question", metavar="TEXT", help="what is asked (default: which product it is)")
    add("--rounds", type=arguments.count, default=1, metavar="N",
        help="ask each photo so often, for the seconds (default: 1)")  # fmt: skip
    add("--vqa", type=Path, metavar="FOLDER",
        help="a folder with VQA v2's files: give the official accuracy too")  # fmt: skip
    add("--vqa-photos", type=Path, metavar="FOLDER",
        help="the images of --vqa (default: --photos)")  # fmt: skip
    add("--vqa-limit", type=arguments.count, metavar="N", help="the first N questions only")
    add("--one-by-one", action="store_true",
        help="load a model once the one before it has gone, where they do not fit into the "
        "memory together; seconds are then not taken in turn")  # fmt: skip
    add("--out", type=Path, metavar="DIR",
        help=f"write {', '.join(FILES)} into this folder")  # fmt: skip
    add("--json", action="store_true", help="print the table as JSON")
    add_network(parser)
    models = parser.add_argument_group("models")
    arguments.add_loading(models)
    arguments.add_decoding(models)
    parser.set_defaults(run=run, revision=None, adapter=None, adapter_revision=None)


def run(chosen: argparse.Namespace) -> int:
    from ...evaluate import VqaFiles
    from ...evaluate.model_table.compare_models import (
        QUESTION,
        Contest,
        check_one_runs,
        compare_models,
        photos_of,
    )
    from ...evaluate.model_table.show_table import as_json, markdown, page

    if len(chosen.models) < 2:
        raise ValueError("compare takes two models or more")
    vqa = None
    if chosen.vqa:
        images = chosen.vqa_photos or chosen.folder
        vqa = VqaFiles.of_folder(chosen.vqa, images=images)
        if not vqa.cases():  # before a model is loaded
            raise CatalogError(f"{chosen.vqa}: its annotations hold no question")
    contest = Contest(
        photos_of(chosen.folder, chosen.limit),
        question=QUESTION if chosen.question is None else chosen.question,
        rounds=chosen.rounds,
        vqa=vqa,
        vqa_limit=chosen.vqa_limit,
    )
    if chosen.out:
        _check_folder(chosen.out)
    loads = [_load(chosen, name) for name in chosen.models]
    tell = say if sys.stderr.isatty() else _silent
    table = compare_models(loads, contest, one_by_one=chosen.one_by_one, progress=tell)
    check_one_runs(table.rows)
    if chosen.out:
        import json

        texts = (markdown(table), json.dumps(as_json(table), indent=2), page(table))
        for name, text in zip(FILES, texts, strict=True):
            (chosen.out / name).write_text(text, encoding="utf-8")
    if chosen.json:
        show_json(as_json(table), indent=2)
    else:
        show(markdown(table).rstrip())
    for row in table.rows:
        if row.error:
            say(f"{row.name}: {row.error}")
    return 1 if any(row.error for row in table.rows) else 0


def _load(chosen: argparse.Namespace, name: str) -> Load:
    """What one model's process is to load. Raises `ValueError` for a wrong option."""
    from dataclasses import replace

    from ...engines import ServerOptions, Settings
    from ...evaluate.model_table.worker_messages import Load

    chosen.model = name
    options = chosen_engine.engine_options(chosen)
    if isinstance(options, ServerOptions):
        options = replace(options, api_key=None)  # the process reads it by itself
    settings = Settings(chosen.max_tokens, chosen.temperature, seed=chosen.seed)
    is_server = chosen_engine.is_server(chosen)
    return Load(
        None if name == "demo" else name,
        options,
        settings,
        origins=tuple(chosen.allowed_hosts) if is_server else (),
        ca=chosen.ca if is_server else None,
        insecure=chosen.insecure and is_server,
        key_variable=chosen_engine.SERVER_KEY if is_server else "",
    )


def _check_folder(folder: Path) -> None:
    """Raises `CatalogError` for a folder that cannot be written into."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise CatalogError(f"{folder}: cannot be written: {e.strerror or e}") from e


def _silent(_: str) -> None: ...
