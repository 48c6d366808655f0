"""How often another dtype says the same as float32 about the same photos.

    python benchmarks/dtypes.py PHOTOS [--model NAME] [--dtype int8] [--photos 200]

PHOTOS is a folder of JPEGs, at any depth; every n-th of them in order of names is taken.
No label is read: this is agreement, not accuracy.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from productdesc import Described, Product, describe_many, load_engine
from productdesc.engines import QwenOptions

SAME = ("category", "attributes", "title", "description")


def said(name: str | None, dtype: str, products: list[Product]) -> list[dict[str, Any]]:
    """What is written of each, {} where it failed."""
    engine = load_engine(name, QwenOptions(device="cpu", dtype=dtype))
    outcomes = describe_many(products, engine, channel="plain", batch_size=16)
    return [
        {field: getattr(outcome.description, field) for field in SAME}
        if isinstance(outcome, Described)
        else {}
        for outcome in outcomes
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos_folder", type=Path, metavar="PHOTOS")
    parser.add_argument("--model", help="default: the demo model")
    parser.add_argument("--dtype", default="int8")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    paths = sorted(asked.photos_folder.rglob("*.jpg"))
    paths = paths[:: max(1, len(paths) // asked.photos)][: asked.photos]
    if not paths:
        raise SystemExit(f"{asked.photos_folder}: no JPEG in it")
    products = [Product(id=str(n), photos=path) for n, path in enumerate(paths)]
    plain = said(asked.model, "float32", products)
    other = said(asked.model, asked.dtype, products)
    pairs = [(a, b) for a, b in zip(plain, other, strict=True) if a and b]
    shares = {
        field: sum(a[field] == b[field] for a, b in pairs) / len(pairs) for field in SAME
    }
    print(f"{len(pairs)} of {len(paths)} photos described, float32 beside {asked.dtype}")
    for field, share in shares.items():
        print(f"same {field}: {100 * share:.1f} %")
    if asked.out:
        asked.out.write_text(json.dumps({"photos": len(pairs), "same": shares}))


if __name__ == "__main__":
    main()
