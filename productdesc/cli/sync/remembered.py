"""Options that a journal remembers, so that `retry` and `export` need not be told again.

Secrets are no options: they come from the environment each time.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...sync import Journal, job_scopes, only_scope

PLACE = ("place", "source_format", "columns", "encoding", "delimiter", "photos_folder",
         "media_url", "seo")  # fmt: skip
"""Of the source."""
DESCRIBING = (
    "channel", "fields", "language", "languages", "taxonomy", "model", "revision",
    "adapter", "adapter_revision", "device", "dtype",
    "compile", "max_pixels", "offline", "temperature", "seed", "max_tokens", "batch_size",
    "inferred", "approved", "template", "templates", "allowed_hosts", "ca", "insecure",
    "writes", "overwrite", "no_previews", "preview_side", "style", "rewrite",
    "ocr", "second_look",
)  # fmt: skip
"""Of the engine and of what is described."""
OF_THE_MODEL = ("revision", "adapter", "adapter_revision")
"""Forgotten where another model is chosen."""
PATHS = frozenset({"photos_folder", "approved", "style", "template", "templates", "ca"})


def add_journal(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument("--journal", required=required, type=Path, metavar="FILE",
                        help="the journal of the job, such as autumn.db")  # fmt: skip


def add_which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", metavar="NAME",
                        help="which job, where the journal holds several")  # fmt: skip
    parser.add_argument("--language", metavar="CODE", help="the same")


def noted(chosen: argparse.Namespace) -> dict[str, Any]:
    """What is to be remembered of a run, as JSON; paths are whole."""
    names = (*PLACE, *DESCRIBING)
    note: dict[str, Any] = {name: getattr(chosen, name, None) for name in names}
    if not note["languages"]:
        del note["languages"]
    for name in PATHS:
        if note[name] is not None:
            note[name] = str(note[name].absolute())
    for name in ("place", "taxonomy", "model", "adapter"):
        note[name] = _whole(note[name])
    return note


def _whole(name: str | None) -> str | None:
    """The whole path of what lies on this disk; any other name as it is."""
    return str(Path(name).absolute()) if name and Path(name).exists() else name


def recalled(
    journal: Journal, chosen: argparse.Namespace, defaults: Mapping[str, Any]
) -> argparse.Namespace:
    """What was chosen now, else what the last run chose, else the defaults.

    Raises `JournalError` where it is not clear which job is meant.
    """
    given = {name: value for name, value in vars(chosen).items() if value is not None}
    which = only_scope(journal, given.get("channel"), given.get("language"))
    note = {k: v for k, v in journal.note(*which).items() if v is not None}
    if "model" in given and _whole(given["model"]) != note.get("model"):
        note = {k: v for k, v in note.items() if k not in OF_THE_MODEL}
    for name in PATHS & note.keys():
        note[name] = Path(note[name])
    note["columns"] = [tuple(pair) for pair in note.get("columns", ())]
    channel, language = which
    scope = {"channel": channel, "language": language}
    known = {**dict.fromkeys((*PLACE, *DESCRIBING)), **defaults}
    return argparse.Namespace(**{**known, **note, **scope, **given})


def recalled_all(
    journal: Journal, chosen: argparse.Namespace, defaults: Mapping[str, Any]
) -> list[argparse.Namespace]:
    """The same of each language of the channel that is meant; of one where it was named."""
    given = vars(chosen)
    return [
        recalled(
            journal,
            argparse.Namespace(**{**given, "channel": channel, "language": language}),
            defaults,
        )
        for channel, language in job_scopes(journal, chosen.channel, chosen.language)
    ]


def not_given(parser: argparse.ArgumentParser) -> dict[str, Any]:
    """The defaults of a parser, which from now on gives None for what was not given."""
    defaults = {}
    for action in parser._actions:
        if action.dest != "help" and not action.required:
            defaults[action.dest] = action.default
            action.default = None
    return defaults
