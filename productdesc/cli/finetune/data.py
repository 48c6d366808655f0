"""`productdesc finetune data`: training data of a shop's products, or of a journal."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import sync
from ...catalogs.folder import FolderSource
from ...catalogs.formats import open_source
from ...channels import find_channel
from ...records import TEXT_FIELDS, Present, Product
from ...text.printable import quoted
from .. import arguments, catalogues, taxonomy
from ..network import add_network, network_access
from ..terminal import say, show, show_json

if TYPE_CHECKING:
    from ...finetune import DataSummary, Lesson
    from ...pipeline import DescribeOptions

APPROVED = ("approved", "intent", "written", "done")
"""States of a journal's rows whose draft a person, or a rule of theirs, wanted."""


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "data",
        help="products with photos and copy, as conversations to be taught",
        description="Make training data of a shop's published copy, or of a journal's "
        "approved and edited copy. The pipeline itself writes the prompts, and its checks "
        "leave out what they call false. No model is asked.",
        epilog=catalogues.formats_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("place", metavar="SHOP-OR-JOURNAL",
        help="a file, folder, shop address, or a journal of `sync`")  # fmt: skip
    add("-o", "--out", type=Path, required=True, metavar="FOLDER",
        help="where the data goes")  # fmt: skip
    add("--force", action="store_true", help="replace FOLDER if it exists")
    add("--kind", dest="kinds", action="append", default=[], type=_kind,
        metavar="KIND=CATEGORY",
        help="what to call your category, such as hoodie=Hoodies; a new kind is added to "
        "the model's list; may be repeated")  # fmt: skip
    add("--replay", action="append", default=[], metavar="PLACE",
        help="known kinds and other products to be trained on too, so that they are not "
        "forgotten: a labelled catalogue, or a folder of folders named by kind; may be "
        "repeated")  # fmt: skip
    add("--cluster", default="", metavar="NAME",
        help="the attribute that says which products belong together (default: each by "
        "itself; near-duplicate photos always do)")  # fmt: skip
    add("--validation", type=float, default=0.1, metavar="SHARE",
        help="kept out to say when to stop (default: 0.1)")  # fmt: skip
    add("--test", type=float, default=0.2, metavar="SHARE",
        help="kept out to the end (default: 0.2)")  # fmt: skip
    add("--json", action="store_true", help="print data.json")
    arguments.add_channel(parser, default="plain")
    add("--language", metavar="CODE",
        help="of the copy (default: the journal's; en of a shop)")  # fmt: skip
    taxonomy.add_taxonomy(parser)
    catalogues.add_reading(parser)
    arguments.add_seo(parser, "read")
    add_network(parser)
    add_base(parser)
    add("--max-tokens", type=int, default=1024, metavar="N",
        help="budget of an answer; longer ones are left out")  # fmt: skip
    parser.set_defaults(run=run)


def add_base(parser: argparse.ArgumentParser) -> None:
    """Options that name the model to tune."""
    add = parser.add_argument_group("model").add_argument
    add("--model", metavar="NAME",
        help="folder or hub id of the model to tune (default: the demo model)")  # fmt: skip
    add("--revision", metavar="COMMIT", help="pin a hub model to this commit")
    add("--max-pixels", type=int, metavar="N",
        help="pixels of a photo the model reads, as at inference")  # fmt: skip
    add("--offline", action="store_true", help="never ask the hub, use what is here")


def base_of(chosen: argparse.Namespace) -> Any:
    """The model that was named."""
    from ...finetune import BaseModel

    return BaseModel.find(
        chosen.model,
        revision=chosen.revision,
        offline=chosen.offline,
        max_pixels=chosen.max_pixels,
    )


def _kind(text: str) -> tuple[str, str]:
    kind, category = arguments.pair(text)
    if not category:
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND=CATEGORY")
    return category, kind


def run(chosen: argparse.Namespace) -> int:
    from ...finetune import DataOptions, Shares, make_data
    from ...net import Http

    shares = Shares(chosen.validation, chosen.test)
    chosen.network = network_access(chosen)
    with contextlib.ExitStack() as stack:
        lessons, channel, language = _lessons(chosen, stack)
        asked: DescribeOptions = {
            "channel": channel,
            "fields": chosen.fields,
            "language": language,
            "settings": _settings(chosen),
        }
        if chosen.taxonomy is not None:
            asked["taxonomy"] = taxonomy.load(chosen.taxonomy)
        options = DataOptions(dict(chosen.kinds), shares, asked)
        http = stack.enter_context(Http(network=chosen.network))
        summary = make_data(
            catalogues.counted(lessons, "reading"),
            base_of(chosen),
            chosen.out,
            options,
            http=http,
            force=chosen.force,
        )
    if chosen.json:
        show_json(summary.about.model_dump(mode="json"), indent=2)
    else:
        show(_text(summary, chosen.out))
    return 0


def _settings(chosen: argparse.Namespace) -> Any:
    from ...engines import Settings

    return Settings(max_tokens=chosen.max_tokens)


# ---- where lessons come from ------------------------------------------------------------


def _lessons(
    chosen: argparse.Namespace, stack: contextlib.ExitStack
) -> tuple[Iterator[Lesson], str, str]:
    """The lessons, and the channel and language that their copy is for."""
    replayed = _replayed(chosen)
    if is_journal(Path(chosen.place)):
        path = Path(chosen.place)
        journal = stack.enter_context(sync.Journal(path, create=False))
        scope = sync.only_scope(journal, None, chosen.language)
        return _chain(_approved(journal, *scope, chosen.cluster), replayed), *scope
    language = chosen.language = chosen.language or "en"
    fields = [field.name for field in find_channel(chosen.channel).pick(chosen.fields)]
    read = catalogues.source_format(chosen)
    source = stack.enter_context(
        open_source(chosen.place, read, catalogues.options_for(chosen, read))
    )
    products = catalogues.present(source.products(), source, chosen.place)
    return (
        _chain(_published(products, fields, chosen.cluster), replayed),
        chosen.channel,
        language,
    )


def _chain(*parts: Iterator[Lesson]) -> Iterator[Lesson]:
    for part in parts:
        yield from part


def is_journal(path: Path) -> bool:
    """Whether a file is one of SQLite, as a journal is."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


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
    for product, state, _, draft in journal.rows(channel, language):
        if draft is None or state not in APPROVED:
            continue
        seen = {
            one.name: one.value
            for one in draft.evidence.get("attributes", ())
            if one.source == "photo" and one.name
        }
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


# ---- what is said -----------------------------------------------------------------------


def _text(summary: DataSummary, out: Path) -> str:
    about, counts = summary.about, summary.about.counts
    replayed = counts["replayed kinds"]
    lines = [
        f"{quoted(str(out), 'path')}: for {about.model}, {counts['looks']} looks and "
        f"{counts['texts']} texts of {counts['groups']} groups of products",
        f"  train {counts['train']}, validation {counts['validation']}, "
        f"test {counts['test']}; no group and no near-duplicate photo on two sides",
        f"  kinds: {_counted(counts['kinds'])}",
    ]
    if about.added:
        lines.append(f"  new in the model's list: {', '.join(about.added)}")
    lines.append(f"  replayed: {_counted(replayed) or 'nothing, so it may forget'}")
    if counts["weighed more"]:
        lines.append(f"  edited by a person, and weighed more: {counts['weighed more']}")
    if summary.left_out:
        lines.append(f"  left out, see left-out.jsonl: {_counted(counts['left out'])}")
        first = summary.left_out[0]
        say(f"{quoted(first.product, 'name')}, {first.what}: left out, {first.reason}")
    return "\n".join(lines)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
