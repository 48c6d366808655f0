"""Targets of the readers of files, and of the files written from what they read."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from factories import description
from fuzz.corpus import EXAMPLES, binaries, texts
from fuzz.mutate.binary import parquet
from fuzz.mutate.grammar import json_lines, json_value, lines, rows, xml
from fuzz.target import Mutator, Target, is_one_line, require

from productdesc.catalogs import OpenOptions, open_sink, open_source, passthrough_copy
from productdesc.catalogs.delimited.table import open_table
from productdesc.catalogs.detect import SUFFIXES, detect_format
from productdesc.catalogs.jsonl import read_descriptions
from productdesc.catalogs.protocol import Problem
from productdesc.errors import CatalogError
from productdesc.records import Description, Product
from productdesc.words.catalog_words import column_names

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TITLE = "Our own title"
MOST = 5  # products that are written on
LONGEST = 20_000  # characters of a message
NEW = ("jsonl", "json-ld", "google-xml", "google-tsv", "csv", "shopify-csv-new",
       "woocommerce-csv-new", "csv-review", "parquet")  # fmt: skip
"""Formats that are written from any source."""
REREAD = {"csv-review": "csv", "shopify-csv-new": "shopify-csv",
          "woocommerce-csv-new": "woocommerce-csv"}  # fmt: skip
"""By which format a written file is read again, where it is another."""


def products_of(
    path: Path, format: str, options: OpenOptions | None = None
) -> tuple[list[Product], list[Problem]]:
    """All products, and the problems kept, each of which must say where it is."""
    with open_source(path, format, options) as source:
        products = list(source.products())
        problems = list(source.problems)
        require(source.problems.total >= len(problems), "problems are counted")
    for one in problems:
        text = str(one)
        require(one.where.strip() and one.message.strip(), f"a problem says where: {one}")
        require(is_one_line(text), f"a problem is one line: {text!r:.300}")
        require(len(text) <= LONGEST, f"a problem is short: {text[:200]}")
    require(all(p.id.strip() for p in products), "a product has an id")
    return products, problems


def reads(
    format: str, suffix: str, *, rewrites: bool = False
) -> Callable[[bytes, Path], None]:
    """Read, read again, write anew in some format, and rewrite where it can be."""

    def run(data: bytes, folder: Path) -> None:
        path = folder / f"in{suffix}"
        path.write_bytes(data)
        products, problems = products_of(path, format)
        again, _ = products_of(path, format)
        require(again == products, "a second reading gives the same products")
        if rewrites:
            for problem in problems:
                require(problem.line > 0, f"a problem of a table has a line: {problem}")
            _rewritten(path, format, data, products)
        _written_anew(folder, products, NEW[len(data) % len(NEW)])

    return run


def _written_anew(folder: Path, products: Sequence[Product], format: str) -> None:
    """The merchant's own copy, in a new file that is read back equal."""
    suffix = {v: k for k, v in SUFFIXES.items()}.get(format, ".csv")
    out = folder / f"out{suffix}"
    out.unlink(missing_ok=True)
    saved: dict[str, Description] = {}
    with open_sink(out, format) as sink:
        for product in products[:MOST]:
            copy = passthrough_copy(product, now=NOW)
            one = sink.save(product, copy)
            require(one.status in ("written", "unchanged", "refused"), f"status {one}")
            if one.status == "written":
                saved[product.id] = copy
    if format == "jsonl":
        back = {one.product_id: one for one in read_descriptions(out)}
        require(back == saved, f"descriptions are read back equal: {back} {saved}")
    elif format == "json-ld":
        rows_ = out.read_text("utf-8").splitlines() if out.exists() else []
        require("</script" not in "".join(rows_).lower(), "JSON-LD can stand in a page")
        require(all(isinstance(json.loads(row), dict) for row in rows_), "JSON a line")
    elif out.exists() and saved:
        options = OpenOptions()
        if format == "parquet":
            import pyarrow.parquet

            back_ids = pyarrow.parquet.read_table(out)["id"].to_pylist()
            require(back_ids == list(saved), f"ids are read back equal: {back_ids}")
        else:
            products_of(out, REREAD.get(format, format), options)


def _rewritten(path: Path, format: str, data: bytes, products: Sequence[Product]) -> None:
    """Nothing saved: the same bytes. One title saved: the rest is read the same."""
    out = path.with_name(f"out{path.suffix}")
    out.unlink(missing_ok=True)
    options = OpenOptions(source_path=path, overwrite=("title",))
    with open_sink(out, format, options) as sink:
        pass
    require(out.read_bytes() == data, "nothing saved, and the bytes are the same")
    out.unlink()
    if not products:
        return
    first = products[0]
    with open_sink(out, format, options) as sink:
        saved = sink.save(first, description(title=TITLE))
    require(path.read_bytes() == data, "the source is never touched")
    if saved.status != "written":
        require(out.read_bytes() == data, f"{saved.status}, and the bytes are the same")
        return
    dialect = open_table(path).dialect  # the new bytes may speak for another one
    same = OpenOptions(delimiter=dialect.delimiter, encoding=dialect.encoding)
    now, _ = products_of(out, format, same)
    require([p.id for p in now] == [p.id for p in products], "the same products")
    require(now[0].title == TITLE, f"the title that was saved: {now[0].title!r:.100}")
    require(now[1:] == list(products[1:]) or _same_key(products), "the others are the same")


def _same_key(products: Sequence[Product]) -> bool:
    """Whether several products go by the first one's id: rows of one may be both."""
    return sum(p.id == products[0].id for p in products) > 1


def _folder(data: bytes, folder: Path) -> None:
    """Lines of names: of files, of folders ("d "), of links ("l name -> target")."""
    top = folder / "photos"
    shutil.rmtree(top, ignore_errors=True)
    top.mkdir()
    for line in data.split(b"\n")[:50]:
        kind, name = line[:2], line[2:].replace(b"\0", b"")
        if kind not in (b"d ", b"f ", b"l "):
            kind, name = b"f ", line.replace(b"\0", b"")
        name, _, target = name.partition(b" -> ")
        parts = [part[:200] for part in name.split(b"/") if part not in (b"", b".", b"..")]
        if not parts or len(parts) > 3:
            continue
        place = top.joinpath(*map(os.fsdecode, parts))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if kind == b"d ":
                place.mkdir(exist_ok=True)
            elif kind == b"l ":
                place.symlink_to(os.fsdecode(target[:200]) or "x")
            else:
                place.touch()
        except OSError:
            continue  # a name of a file and of a folder
    products, _ = products_of(top, "folder")
    again, _ = products_of(top, "folder")
    require(products == again, "a second reading gives the same products")
    names = [path for product in products for path in product.photos]
    require(len(set(names)) == len(names), "a photo is one product's")
    _written_anew(folder, products, NEW[len(data) % len(NEW)])


ENDINGS = (*SUFFIXES, "", ".myshop", ".json")


def _detect(data: bytes, folder: Path) -> None:
    """Any bytes under any name: what its reader is, and that it reads or says why not."""
    path = folder / f"any{ENDINGS[sum(data[:64]) % len(ENDINGS)]}"
    path.write_bytes(data)
    try:
        format = detect_format(path)
        require(detect_format(path) == format, "the same format again")
        if format != "json-ld":  # which is only written
            products_of(path, format)
    finally:
        path.unlink()


def _descriptions(data: bytes, folder: Path) -> None:
    path = folder / "descriptions.jsonl"
    path.write_bytes(data)
    for one in read_descriptions(path):
        text = one.model_dump_json()
        again = Description.model_validate_json(text)
        require(again.model_dump_json() == text, "equal again")


def _csvs(*places: str) -> Callable[[Path | None], Sequence[bytes]]:
    def seeds(shared: Path | None) -> Sequence[bytes]:
        example = (EXAMPLES / "shop-export.csv").read_bytes()
        return [*texts(shared, "*.csv", *places), example]

    return seeds


def _jsonl(shared: Path | None) -> Sequence[bytes]:
    made = [
        {"id": "A1", "title": "Shoe", "photos": ["https://a.example/a.jpg"],
         "attributes": {"colour": "red", "sizes": [1, 2]}, "description": "<p>Soft</p>",
         "present": {"tags": ["shoes"], "bullets": ["a"], "alt_texts": ["x", ""]}},
        {"id": 7, "photos": "https://a.example/a.jpg, https://a.example/b.jpg"},
    ]  # fmt: skip
    text = "\n".join(map(json.dumps, made)).encode()
    array = json.dumps(made, indent=1).encode()
    return [text, array, text + b"\n{\n", b"\xef\xbb\xbf" + text]


def _described(shared: Path | None) -> Sequence[bytes]:
    one = description(title="Shoe", bullets=("a", "b"), attributes={"colour": "red"})
    return [one.model_dump_json().encode(), one.model_dump_json().encode() * 2]


def _parquets(shared: Path | None) -> Sequence[bytes]:
    import pyarrow
    import pyarrow.parquet

    tables = (
        {"id": ["a", "b"], "title": ["Shoe", None], "tags": [["x", "y"], []]},
        {"sku": [1, 2], "name": ["a", "b"], "attributes": [{"a": "b"}, {"a": "c"}],
         "price": [1.5, None], "photo": [b"\xff\xd8", b""]},
        {"id": [datetime(2026, 1, 1), None], "description": ["a" * 100, "b"]},
    )  # fmt: skip
    seeds = []
    for number, table in enumerate(tables):
        out = io.BytesIO()
        kinds = ("none", "zstd", "snappy")
        made = pyarrow.table(table)
        pyarrow.parquet.write_table(made, out, compression=kinds[number])
        seeds.append(out.getvalue())
    return seeds


def _folders(shared: Path | None) -> Sequence[bytes]:
    return [
        b"f shirt.jpg\nf sku-17_1.jpg\nf sku-17_2.png\nd sku-18\nf sku-18/a.jpg\nf x.heic",
        "f Schuh (1).JPG\nf Schu\u0308h 2.jpg\nl a.jpg -> shirt.jpg\nl b.jpg -> /etc/x\n"
        "d d/e\nl loop -> loop\nf .hidden.jpg\nf 001.jpg\nf ٣.jpg".encode(),
        b"l up -> ..\nf up/a.jpg\nl l -> d\nd d\nf d/\xff\xfe.jpg\nf \x1b[2J.tif",
    ]


XML = ("*.xml", "*.txt", "shared/catalogs/google-merchant/*.xml")
TSV = ("*.txt", "shared/catalogs/google-merchant/*.tsv")
SPECTRUM = "shared/bad-inputs/csv/csv-spectrum/csvs/*"
PROMISED = (CatalogError,)


def _table(
    format: str, *places: str, suffix: str = ".csv", rewrites: bool = False
) -> Target:
    ways: tuple[Mutator, ...] = (rows, rows, rows, lines)
    roles = [some for row in column_names().values() for some in row.values()]
    words = {word for some in roles for word in some}
    names = tuple(word.encode() for word in sorted(words)[::20])
    run = reads(format, suffix, rewrites=rewrites)
    return Target(run, PROMISED, _csvs(SPECTRUM, *places), ways, names)


def _everything(shared: Path | None) -> Sequence[bytes]:
    csvs = _csvs(SPECTRUM, "shared/catalogs/*/*.csv", *TSV)(shared)
    xmls = texts(shared, *XML)
    photos = binaries(shared, "o08_heic_folder/*")
    return [*csvs, *xmls, *_jsonl(shared), *_parquets(shared), *photos[:2]]


TARGETS = {
    "csv": _table("csv", "shared/catalogs/vendure/*.csv", rewrites=True),
    "shopify-csv": _table(
        "shopify-csv", "shared/catalogs/shopify-csv/*.csv", rewrites=True),
    "woocommerce-csv": _table(
        "woocommerce-csv", "shared/catalogs/woocommerce-csv/*.csv", rewrites=True),
    "magento-csv": _table("magento-csv", "shared/catalogs/magento/*.csv"),
    "google-tsv": _table("google-tsv", *TSV, suffix=".tsv"),
    "google-xml": Target(
        reads("google-xml", ".xml"), PROMISED, lambda shared: texts(shared, *XML), (xml,),
        (b"<g:id>", b"</g:id>", b"<item>", b"</item>", b"<entry>", b"<![CDATA[", b"]]>"),
    ),
    "jsonl": Target(reads("jsonl", ".jsonl"), PROMISED, _jsonl, (json_lines,)),
    "parquet": Target(reads("parquet", ".parquet"), PROMISED, _parquets, (parquet,)),
    "folder": Target(_folder, PROMISED, _folders, (lines,), (b"_1", b"(2)", b".jpg", b"/")),
    "detect": Target(_detect, PROMISED, _everything, (rows, xml, json_lines, parquet)),
    "descriptions": Target(
        _descriptions, PROMISED, _described, (json_lines, json_value)),
}  # fmt: skip
