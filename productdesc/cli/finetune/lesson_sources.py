"""Lessons of the command line: of a shop's products, a journal's decisions, a replay."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ... import sync
from ...catalogs.folder import FolderSource
from ...catalogs.formats import open_source
from ...channels import find_channel
from ...records import TEXT_FIELDS, Present, Product
from .. import catalogues
from ..style.approved_copy import approved_drafts, is_journal

if TYPE_CHECKING:
    from ...finetune import Lesson


def lessons_of(
    chosen: argparse.Namespace, stack: contextlib.ExitStack
) -> tuple[Iterator[Lesson], str, str]:
    """The lessons, and the channel and language that their copy is for."""
    replayed = _replayed(chosen)
    if is_journal(Path(chosen.place)):
        path = Path(chosen.place)
        journal = stack.enter_context(sync.Journal(path, create=False))
        scope = sync.only_scope(journal, chosen.channel, chosen.language)
        return chain(_approved(journal, *scope, chosen.cluster), replayed), *scope
    language = chosen.language = chosen.language or "en"
    channel = chosen.channel or "plain"
    fields = [field.name for field in find_channel(channel).pick(chosen.fields)]
    read = catalogues.source_format(chosen)
    source = stack.enter_context(
        open_source(chosen.place, read, catalogues.options_for(chosen, read))
    )
    products = catalogues.present(source.products(), source, chosen.place)
    return (
        chain(_published(products, fields, chosen.cluster), replayed),
        channel,
        language,
    )


def _published(
    products: Iterator[Product], fields: Sequence[str], cluster: str
) -> Iterator[Lesson]:
    from ...finetune import published_lesson

    for product in products:
        yield published_lesson(product, fields, group=_group(product, cluster))


def _group(product: Product, cluster: str) -> str:
    return str(product.attributes.get(cluster, "")) if cluster else ""


def _approved(
    journal: sync.Journal, channel: str, language: str, cluster: str
) -> Iterator[Lesson]:
    """Products with the copy that was approved; copy that was edited weighs more."""
    from ...finetune import EDITED_WEIGHT, Lesson

    trail = sync.decisions(journal)
    taken_back = {one.undoes for one in trail}
    edited = {o.product_id for o in trail if o.edits and o.number not in taken_back}
    for product, draft, seen in approved_drafts(journal, channel, language):
        texts = {name: getattr(draft, name) for name in TEXT_FIELDS}
        yield Lesson(
            product,
            {name: text for name, text in texts.items() if text},
            draft.category,
            seen,
            group=_group(product, cluster),
            weight=EDITED_WEIGHT if product.id in edited else 1.0,
            origin="journal",
        )


def _replayed(chosen: argparse.Namespace) -> Iterator[Lesson]:
    """Products of known kinds, from labelled catalogues and folders of kinds."""
    from ...finetune import published_lesson

    for place in chosen.replay:
        kinds = _folders_of_kinds(Path(place))
        products = _of_folders(kinds) if kinds else _of_catalogue(place, chosen)
        for product in products:
            group = _group(product, chosen.cluster)
            yield published_lesson(product, (), group=group, looks=True)


def _folders_of_kinds(path: Path) -> Mapping[str, Path]:
    """The folders in a folder, by name; none where it is a catalogue."""
    if not path.is_dir():
        return {}
    below = sorted(one for one in path.iterdir() if one.is_dir() and one.name[0] != ".")
    return {one.name: one for one in below}


def _of_folders(kinds: Mapping[str, Path]) -> Iterator[Product]:
    """Each photo of a folder as a product of the kind that its name says."""
    for kind, folder in kinds.items():
        for product in FolderSource(folder).products():
            for photo in product.photos:
                yield Product(
                    id=f"{kind}/{Path(str(photo)).name}",
                    photos=[photo],
                    present=Present(category=kind.replace("-", " ").replace("_", " ")),
                )


def _of_catalogue(place: str, chosen: argparse.Namespace) -> Iterator[Product]:
    format = catalogues.source_format(argparse.Namespace(
        place=place, source_format="", delimiter=None, encoding=None
    ))  # fmt: skip
    options = catalogues.options_for(chosen, format)
    with open_source(place, format, options) as source:
        yield from catalogues.present(source.products(), source, place)
