"""Plan of a conversion: the formats, the products, and the files that it touches."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ...catalogs.detect import by_name
from ...catalogs.formats import find_format, open_source
from ...catalogs.openers import OpenOptions
from ...catalogs.protocol import Source
from ...catalogs.vendure.shop_settings import CUSTOM_FIELDS
from ...catalogs.woocommerce.built_in import ROLES
from ...output_file import STANDARD_OUTPUT, is_same_file
from ...records import Product
from ...text.printable import listed
from .. import catalogues
from .report_files import check_places, read_ids

if TYPE_CHECKING:
    from ...taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Plan:
    """What one job reads and writes.

    reads, writes: formats. ids: of the products to convert; None: of all. live: OUT is a
    shop, so that each saving counts at once.
    """

    reads: str
    writes: str
    ids: frozenset[str] | None = None
    live: bool = False

    def select(
        self, source: Source, limit: int | None, seen: set[str] | None = None
    ) -> Iterator[Product]:
        """Those of a source's products that are to be converted; `seen` gets their ids."""
        return islice(self._chosen(source, set() if seen is None else seen), limit)

    def _chosen(self, source: Source, seen: set[str]) -> Iterator[Product]:
        for product in source.products():
            if self.ids is None:
                yield product
            elif product.id in self.ids:
                seen.add(product.id)
                yield product

    def missing_text(self, place: str, retry: object, seen: set[str]) -> str:
        """What to say of products that were to be tried again and are not there."""
        missing = sorted((self.ids or frozenset()) - seen)
        if not missing:
            return ""
        count = f"{len(missing)} of {len(self.ids or ())}"
        return f"{count} products of {retry} are not in {place}: {listed(missing)}"

    def count(self, place: str, limit: int | None, how: OpenOptions) -> int:
        """How many there are to come; 0: what there is can be read once only.

        A shop is not read twice for that, and what comes through a pipe is gone once read.
        """
        path = Path(place)
        if find_format(self.reads).secrets or not (path.is_file() or path.is_dir()):
            return limit or 0
        with open_source(place, self.reads, how) as source:
            return sum(1 for _ in self.select(source, limit))


def make_plan(chosen: argparse.Namespace) -> Plan:
    """The plan of the options chosen; raises `ValueError` where they do not go together."""
    if chosen.limit is not None and chosen.limit < 1:
        raise ValueError(f"--limit is {chosen.limit}; it must be 1 or more")
    read, write = _formats(chosen)
    catalogues.check_output(chosen, write)
    _check_shop(chosen, read, write)
    return Plan(read, write, _ids(chosen), live=bool(find_format(write).secrets))


def sink_options(
    chosen: argparse.Namespace, plan: Plan, taxonomy: Taxonomy | None
) -> OpenOptions:
    """How OUT is opened."""
    rewrites = find_format(plan.writes).rewrites == plan.reads
    return replace(
        catalogues.options_for(chosen, plan.writes),
        overwrite=chosen.overwrite,
        replace=chosen.force,
        apply=chosen.apply,
        source_path=Path(chosen.place) if rewrites else None,
        category_id=_category_id(taxonomy),
        role=chosen.role or ROLES[0],
        accept_cleaning=chosen.accept_cleaning,
    )


def _ids(chosen: argparse.Namespace) -> frozenset[str] | None:
    """The products to try again; `ValueError` where files would get in each other's way."""
    reports = {"--findings": chosen.findings, "--failed": chosen.failed}
    others = [chosen.place, chosen.out]
    check_places(reports, others)
    if chosen.retry is None:
        return None
    if Path(chosen.out).is_file() and not is_same_file(chosen.out, Path(chosen.place)):
        raise ValueError(
            f"--retry writes the products of {chosen.retry} only, and {chosen.out} may "
            "hold others; name another OUT, or write to the file that is read or to a shop"
        )
    return read_ids(chosen.retry)


_LABELS = {"woocommerce": "WooCommerce", "vendure": "Vendure"}


def _check_shop(chosen: argparse.Namespace, read: str, write: str) -> None:
    """Raises `ValueError` for an option of one shop where there is none."""
    shop, seo = "woocommerce", "--seo"
    if chosen.seo == CUSTOM_FIELDS:
        shop, seo = "vendure", f"--seo {CUSTOM_FIELDS}"
    options = (
        ("--role", chosen.role, write, "woocommerce"),
        ("--accept-cleaning", chosen.accept_cleaning, write, "woocommerce"),
        (seo, chosen.seo, f"{read} {write}", shop),
    )
    for name, value, formats, wanted in options:
        if value and wanted not in formats:
            label = _LABELS[wanted]
            raise ValueError(f"{name} is for {label}; this goes from {read} to {write}")


def _formats(chosen: argparse.Namespace) -> tuple[str, str]:
    """The formats read and written; raises `ValueError` where they cannot meet."""
    read = catalogues.source_format(chosen)
    write = chosen.sink_format
    if not write:
        write = by_name(chosen.out)
        if write == "csv" or chosen.out == STANDARD_OUTPUT:
            write = find_format(read).written_as or write
    if not write:
        raise catalogues.unknown_output(chosen.out)
    wanted = find_format(write)
    if wanted.rewrites not in ("", read) and not wanted.creates:
        raise ValueError(
            f"{write} is made from a {wanted.rewrites} file, and {chosen.place} is {read}; "
            f"choose another --to"
        )
    if wanted.rewrites != read and is_same_file(chosen.out, Path(chosen.place)):
        raise ValueError(
            f"{chosen.out} is the file that is read, and a {write} file in its place would "
            "not hold all of it; name another file"
        )
    return read, write


def _category_id(taxonomy: Taxonomy | None) -> Callable[[str], str | None] | None:
    """How a shop finds the id of a path; only Shopify's own taxonomy has Shopify's ids."""
    if taxonomy is None or taxonomy.name != "shopify":
        return None

    def find(path: str) -> str | None:
        category = taxonomy.find(path)
        return category.id if category else None

    return find
