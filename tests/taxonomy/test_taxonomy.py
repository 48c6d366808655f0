"""Taxonomies: what is read from the published files, found in them, and fetched."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from doubles.loopback import Loopback, reply, says
from hypothesis import given
from hypothesis import strategies as st

from productdesc.errors import CatalogError
from productdesc.net import Http, Policy
from productdesc.taxonomy import (
    OTHER,
    Category,
    Taxonomy,
    load_mapping,
    load_taxonomy,
    product_types,
)
from productdesc.taxonomy.download import SOURCES, cache_folder, download
from productdesc.taxonomy.search import search_terms
from productdesc.taxonomy.visible import MOST_ATTRIBUTES, visible_attributes

GID = "gid://shopify/TaxonomyCategory/"
APPAREL = "Apparel & Accessories"
PATHS = {
    "aa": APPAREL,
    "aa-1": f"{APPAREL} > Clothing",
    "aa-1-4": f"{APPAREL} > Clothing > Dresses",
    "aa-1-15": f"{APPAREL} > Clothing > Skirts",
    "aa-8": f"{APPAREL} > Shoes",
    "aa-8-3": f"{APPAREL} > Shoes > Boots",
    "aa-8-8": f"{APPAREL} > Shoes > Sneakers",
    "ap": "Animals & Pet Supplies",
    "ap-1": "Animals & Pet Supplies > Pet Dresses",
    "hg": "Home & Garden",
    "hg-1": "Home & Garden > Crêpe & Blini Pans",
    "na": "Uncategorized",
}
NECKLINES = ["Crew", "V-neck", "Other"]


def parent(short: str) -> str | None:
    return short.rpartition("-")[0] or None


def attribute(handle: str, values: list[str]) -> dict[str, Any]:
    shown = [{"id": f"gid://shopify/TaxonomyValue/{v}", "name": v} for v in values]
    return {"handle": handle, "name": handle.title(), "values": shown}


def published() -> dict[str, Any]:
    """As Shopify's taxonomy.json has it."""
    neckline = {"handle": "neckline", "name": "Neckline", "extended": False}
    collar = {"handle": "dog-neckline", "name": "Dog neckline", "extended": True}
    has = {"aa-1-4": [neckline], "ap-1": [collar]}
    return {
        "version": "2026-08",
        "verticals": [
            {
                "name": "all",
                "categories": [
                    {
                        "id": GID + short,
                        "full_name": path,
                        "parent_id": GID + str(parent(short)) if parent(short) else None,
                        "attributes": has.get(short, []),
                    }
                    for short, path in PATHS.items()
                ],
            }
        ],
        "attributes": [
            {
                **attribute("neckline", NECKLINES),
                "extended_attributes": [{"handle": "dog-neckline", "name": "Dog neckline"}],
            },
            {"handle": "weight", "name": "Weight", "supported_units": ["kg"]},
        ],
    }


def flat() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """As the flat list and its file of attributes have it."""
    categories = [
        {
            "id": short,
            "gid": GID + short,
            "full_name": path,
            "parent": parent(short),
            "attributes": ["neckline"] if short == "aa-1-4" else [],
        }
        for short, path in PATHS.items()
    ]
    attributes = {"handle": "neckline", "name": "Neckline", "values": NECKLINES}
    return categories, {"neckline": attributes}


TEXT = (
    "# Shopify Product Taxonomy - Categories: 2026-08\n# Format: {GID} : ...\n\n"
    + "\n".join(f"{GID + short:50} : {path}" for short, path in PATHS.items())
)
GOOGLE = """# Google_Product_Taxonomy_Version: 2021-09-21
166 - Apparel & Accessories
1604 - Apparel & Accessories > Clothing
2271 - Apparel & Accessories > Clothing > Dresses
187 - Apparel & Accessories > Shoes
"""


def saved(path: Path, value: Any) -> Path:
    text = value if isinstance(value, str) else json.dumps(value)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def shop(tmp_path: Path) -> Taxonomy:
    return load_taxonomy(saved(tmp_path / "taxonomy.json.gz", published()))


@pytest.fixture
def google(tmp_path: Path) -> Taxonomy:
    return load_taxonomy(saved(tmp_path / "google.txt", GOOGLE))


# ---- reading ----------------------------------------------------------------------------


def forms(folder: Path) -> dict[str, Taxonomy]:
    whole = published()
    attributes = {"version": "2026-08", "attributes": whole["attributes"]}
    without = {"version": "2026-08", "verticals": whole["verticals"]}
    categories, values = flat()
    return {
        "taxonomy.json": load_taxonomy(saved(folder / "a.json", whole)),
        "packed": load_taxonomy(saved(folder / "a.json.gz", whole)),
        "categories.json": load_taxonomy(
            saved(folder / "b", without), attributes=saved(folder / "c", attributes)
        ),
        "flat list": load_taxonomy(
            saved(folder / "d.gz", categories), attributes=saved(folder / "e.gz", values)
        ),
        "categories.txt": load_taxonomy(saved(folder / "f.txt", TEXT)),
    }


def test_every_published_form_gives_the_same_tree(tmp_path: Path) -> None:
    for form, taxonomy in forms(tmp_path).items():
        found = [(c.id, c.path, c.parent) for c in taxonomy]
        assert found == [
            (GID + short, path, GID + above if (above := parent(short)) else "")
            for short, path in PATHS.items()
        ], form
        dress = taxonomy.find("aa-1-4")
        assert dress
        has = [(a.id, a.name, list(a.values)) for a in dress.attributes]
        expected = [] if form == "categories.txt" else [("neckline", "Neckline", NECKLINES)]
        assert has == expected, form
        assert taxonomy.name == "shopify"
        assert taxonomy.version == ("" if form == "flat list" else "2026-08")


def test_an_extended_attribute_has_the_values_of_the_one_it_extends(shop: Taxonomy) -> None:
    found = shop.find("ap-1")
    assert found and found.attributes[0].values == tuple(NECKLINES)


def test_categories_without_their_attributes_know_them_by_name(tmp_path: Path) -> None:
    without = {"verticals": published()["verticals"]}
    taxonomy = load_taxonomy(saved(tmp_path / "b.json", without))
    found = taxonomy.find("aa-1-4")
    assert found and [(a.name, a.values) for a in found.attributes] == [("Neckline", ())]


def test_googles_file_has_numbers_and_paths(google: Taxonomy) -> None:
    assert (google.name, google.version, len(google)) == ("google", "2021-09-21", 4)
    dress = google.find("2271")
    assert dress and dress.path == f"{APPAREL} > Clothing > Dresses"
    assert google.parent(dress) == google.find("1604")


@pytest.mark.parametrize(
    ("content", "says_"),
    [
        (b"<html>404: Not Found</html>", "is no taxonomy: it begins with '<html>404"),
        (b"version https://git-lfs.github.com/spec/v1", "is no taxonomy"),
        (b"", "is no taxonomy"),
        (b"{", "broken JSON"),
        (b'{"a": 1}', "another shape"),
        (b"[1, 2]", "another shape"),
        (b'{"verticals": []}', "has no categories"),
        (b"\x1f\x8b\x08\x00nothing", "broken gzip"),
        (b"\xff\xfe\x00", "not UTF-8 at byte 0"),
        ((GOOGLE + "166 - Hats\n").encode(), "1 of 5 categories have the id of another"),
        ((GOOGLE + "9 - apparel & accessories\n").encode(), "have the path of another"),
        (b"[" * 100_000, "broken JSON"),
    ],
)
def test_a_file_that_is_no_taxonomy_says_why(
    tmp_path: Path, content: bytes, says_: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=says_) as caught:
        load_taxonomy(path)
    assert "file" in str(caught.value) or "taxonomy" in str(caught.value)


def test_a_missing_file_and_a_missing_parent_are_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"none\.json: cannot be read"):
        load_taxonomy(tmp_path / "none.json")
    with pytest.raises(CatalogError, match="Hats: its parent 'x' is missing"):
        Taxonomy("mine", "1", [Category("1", "Hats", "x")])


def test_an_id_that_is_the_path_of_another_category_is_refused() -> None:
    categories = [Category("1", "Hats", ""), Category(" hats", "Caps", "")]
    with pytest.raises(CatalogError, match="the id ' hats' is the path of another"):
        Taxonomy("mine", "1", categories)
    Taxonomy("mine", "1", [Category("Hats", "Hats", "")])


# ---- finding ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        GID + "aa-1-4",
        "aa-1-4",
        "AA-1-4",
        f"{APPAREL} > Clothing > Dresses",
        "apparel & accessories>clothing >  DRESSES ",
    ],
)
def test_a_category_is_found_by_id_and_path(shop: Taxonomy, text: str) -> None:
    found = shop.find(text)
    assert found and (found.name, found.short_id) == ("Dresses", "aa-1-4")


@given(st.text())
def test_no_text_breaks_finding_or_searching(text: str) -> None:
    taxonomy = Taxonomy("mine", "1", [Category("1", "Hats"), Category("2", "Crêpe pans")])
    assert (taxonomy.find(text) is None) or text.strip()
    assert set(taxonomy.nearest(text)) <= set(taxonomy)


def test_what_is_not_there_is_not_found(shop: Taxonomy) -> None:
    assert shop.find("Dresses") is None
    assert shop.find("") is None
    assert shop.find("aa-1-99") is None


def test_the_tree_can_be_walked_both_ways(shop: Taxonomy) -> None:
    assert [c.short_id for c in shop.children()] == ["aa", "ap", "hg", "na"]
    top = shop.find("aa")
    boots = shop.find("aa-8-3")
    assert top and boots
    assert [c.short_id for c in shop.children(top)] == ["aa-1", "aa-8"]
    below = [c.short_id for c in shop.leaves(top)]
    assert below == ["aa-1-4", "aa-1-15", "aa-8-3", "aa-8-8"]
    assert [c.short_id for c in shop.ancestors(boots)] == ["aa-8", "aa"]
    assert shop.parent(top) is None
    assert list(shop.leaves(boots)) == [boots]
    ends = {c.path for c in shop if not shop.children(c)}
    assert {c.path for c in shop.leaves()} == ends
    assert shop.paths is shop.paths and shop.paths == tuple(PATHS.values())


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("dress", f"{APPAREL} > Clothing > Dresses"),
        ("DRESSES", f"{APPAREL} > Clothing > Dresses"),
        ("a dress for your pet", "Animals & Pet Supplies > Pet Dresses"),
        ("boot", f"{APPAREL} > Shoes > Boots"),
        ("trainers", f"{APPAREL} > Shoes > Sneakers"),
        ("running shoe", f"{APPAREL} > Shoes > Sneakers"),
        ("shoes", f"{APPAREL} > Shoes"),
        ("crepe pan", "Home & Garden > Crêpe & Blini Pans"),
    ],
)
def test_the_nearest_name_is_found_through_plurals_accents_and_shop_words(
    shop: Taxonomy, text: str, path: str
) -> None:
    assert shop.nearest(text)[0].path == path


def test_nearest_can_be_held_to_a_part_of_the_tree_and_to_whole_names(
    shop: Taxonomy,
) -> None:
    shoes = shop.find("aa-8")
    assert [c.name for c in shop.nearest("hiking boots", 9, within=shoes)] == [
        "Boots",
        "Shoes",
    ]
    assert [c.name for c in shop.nearest("hiking boots", 9, whole=True)] == [
        "Boots",
        "Shoes",
    ]
    assert shop.nearest("blini", whole=True) == []
    assert shop.nearest("xylophone") == []
    assert len(shop.nearest("clothing shoes dresses", 2)) == 2


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("dresses", "dress"), ("watches", "watch"), ("boxes", "box"), ("shoes", "shoe"),
        ("accessories", "accessory"), ("hoodies", "hoodie"), ("lenses", "lens"),
        ("knives", "knife"), ("sizes", "size"), ("valves", "valve"), ("glasses", "glass"),
    ],
)  # fmt: skip
def test_a_plural_is_folded_to_its_singular(many: str, one: str) -> None:
    assert search_terms(many) == search_terms(one)


# ---- attributes -------------------------------------------------------------------------


def test_only_what_a_photo_shows_and_nobody_said_is_asked_for(tmp_path: Path) -> None:
    names = ["Neckline", "Sleeve length type", "Power type", "Material", "Size", "Color",
             "Toe style", "Shape", "Waist rise", "Closure", "Skirt length type",
             "Handle finish"]  # fmt: skip
    data = published()
    [entry] = [c for c in data["verticals"][0]["categories"] if c["id"] == GID + "aa-1-4"]
    entry["attributes"] = [{"handle": n, "name": n} for n in [*names, "Long style"]]
    data["attributes"] = [attribute(n, ["A", "B", "Other"]) for n in names]
    data["attributes"].append(attribute("Long style", [str(i) for i in range(99)]))
    dress = load_taxonomy(saved(tmp_path / "t.json", data)).find("aa-1-4")
    assert dress
    asked = visible_attributes(dress, {"neckline", "SHAPES"})
    assert list(asked) == [
        "sleeve length type",
        "toe style",
        "waist rise",
        "closure",
        "skirt length type",
        "handle finish",
    ]
    assert len(asked) <= MOST_ATTRIBUTES
    assert asked["closure"] == ("A", "B", "unknown")


# ---- what a stranger's file may hold ----------------------------------------------------


def tree_of(*parents: tuple[str, str]) -> Taxonomy:
    return Taxonomy("shopify", "1", [Category(a, f"name {a}", b) for a, b in parents])


@pytest.mark.parametrize(
    "parents",
    [
        [("a", "a")],
        [("a", "b"), ("b", "a")],
        [("x", ""), ("a", "c"), ("b", "a"), ("c", "B")],
        [(str(n), str(n - 1) if n else "") for n in range(5_000)],
        [(str(n), str(n - 1) if n else "") for n in reversed(range(5_000))],
    ],
    ids=["itself", "two", "three", "deep", "deep from below"],
)
def test_a_tree_that_has_no_end_is_refused(parents: list[tuple[str, str]]) -> None:
    with pytest.raises(CatalogError, match="over 100 categories above it, or is above"):
        tree_of(*parents)


def test_a_tree_that_is_deep_is_walked() -> None:
    tree = tree_of(*((str(n), str(n - 1) if n else "") for n in range(100)))
    assert [c.id for c in tree.leaves()] == ["99"]
    assert len(list(tree.ancestors(next(tree.leaves())))) == 99


@pytest.mark.parametrize("wrong", [5, None, [], {}, True, ["x"]])
@pytest.mark.parametrize("key", ["id", "full_name", "parent_id", "handle", "name", "value"])
def test_what_should_be_a_text_and_is_none_is_another_shape(
    tmp_path: Path, key: str, wrong: Any
) -> None:
    if key == "parent_id" and not wrong:
        return  # there is none above
    closure = {"handle": "closure", "name": "Closure"}
    values = [{"name": wrong if key == "value" else "zip"}, {"name": "laces"}]
    category = {"id": GID + "aa", "full_name": "Shoes", "attributes": [closure]}
    (closure if key in closure else category)[key] = wrong
    published = {
        "version": "1",
        "verticals": [{"categories": [category]}],
        "attributes": [{"handle": "closure", "name": "Closure", "values": values}],
    }
    with pytest.raises(CatalogError, match="another shape"):
        load_taxonomy(saved(tmp_path / "t.json", published))


# ---- mapping ----------------------------------------------------------------------------

RULES = {"aa": "166", "aa-1": "1604", "aa-1-4": "2271", "ap": "1"}
YAML = "---\ninput_taxonomy: shopify/2025-01\noutput_taxonomy: google/2021-09-21\nrules:\n"
YAML += "".join(
    f"- input:\n    product_category_id: {a}\n"
    f"  output:\n    product_category_id:\n    - '{b}'\n"
    for a, b in RULES.items()
)
JSON = {
    "version": "2025-01",
    "mappings": [
        {"input_taxonomy": "shopify/x", "output_taxonomy": "shopify/y", "rules": []},
        {
            "input_taxonomy": "shopify/2025-01",
            "output_taxonomy": "google/2021-09-21",
            "rules": [
                {
                    "input": {"category": {"id": GID + a, "full_name": PATHS[a]}},
                    "output": {"category": [{"id": b, "full_name": "..."}]},
                }
                for a, b in RULES.items()
            ],
        },
    ],
}


@pytest.mark.parametrize("form", [YAML, JSON], ids=["YAML", "JSON"])
def test_shopifys_category_is_googles_by_the_published_table(
    shop: Taxonomy, google: Taxonomy, tmp_path: Path, form: Any
) -> None:
    table = load_mapping(saved(tmp_path / "map.gz", form))
    assert (table.source, table.target) == ("shopify/2025-01", "google/2021-09-21")
    assert dict(table.ids) == RULES
    found = {c.short_id: table.find(c, shop, google) for c in shop}
    ids = {short: category.id for short, category in found.items() if category}
    # Skirts and shoes are not in the table; the one above them is.
    assert ids == {
        "aa": "166", "aa-1": "1604", "aa-1-4": "2271", "aa-1-15": "1604",
        "aa-8": "166", "aa-8-3": "166", "aa-8-8": "166",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "{", "a: [", "just text", '{"mappings": []}', "!!python/object:os.system x",
        "!!timestamp 2001-13-45", "a: 2001-13-45", "!!timestamp x", "? [a]\n: b",
        "[" * 9000,
        YAML.replace("    - '166'", "      '166'"),  # a text, no list of ids
    ],
)  # fmt: skip
def test_a_file_that_is_no_map_says_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(CatalogError, match="map"):
        load_mapping(saved(tmp_path / "map", text))


# ---- fetching ---------------------------------------------------------------------------


def client(server: Loopback) -> Http:
    policy = Policy(
        allowed_networks=("127.0.0.1/32",),
        schemes=frozenset({"http"}),
        ports=frozenset({server.port}),
    )
    return Http(policy, sleep=lambda seconds: None)


def fetched(which: str, body: bytes, folder: Path, status: str = "200 OK") -> Path:
    with Loopback(says(reply(body, status))) as server, client(server) as http:
        url = f"http://127.0.0.1:{server.port}/files/list.gz?token=1"
        return download(which, folder, http, url=url)


def test_a_taxonomy_is_fetched_once_and_then_read_from_its_file(tmp_path: Path) -> None:
    body = gzip.compress(json.dumps(published()).encode())
    path = fetched("shopify", body, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "list.gz"
    assert path.read_bytes() == body
    assert len(load_taxonomy(path)) == len(PATHS)
    assert [p.name for p in path.parent.iterdir()] == ["list.gz"]


def test_google_and_the_map_are_fetched_too(tmp_path: Path) -> None:
    assert len(load_taxonomy(fetched("google", GOOGLE.encode(), tmp_path))) == 4
    found = fetched("shopify-to-google", json.dumps(JSON).encode(), tmp_path)
    assert load_mapping(found).ids["aa"] == "166"


@pytest.mark.parametrize(
    ("body", "status", "says_"),
    [
        (b"<html>moved</html>", "200 OK", "is no taxonomy"),
        (GOOGLE.encode(), "200 OK", "is the google taxonomy, not shopify's"),
        (b"", "404 Not Found", "404 Not Found"),
    ],
)
def test_what_is_no_taxonomy_never_takes_a_files_place(
    tmp_path: Path, body: bytes, status: str, says_: str
) -> None:
    kept = tmp_path / "list.gz"
    kept.write_bytes(b"before")
    with pytest.raises(CatalogError, match=says_):
        fetched("shopify", body, tmp_path, status)
    assert kept.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [kept]


def test_only_named_taxonomies_are_fetched_and_only_over_https(tmp_path: Path) -> None:
    with Http() as http, pytest.raises(ValueError, match="there are: shopify, google"):
        download("amazon", tmp_path, http)
    assert all(url.startswith("https://") for url in SOURCES.values())


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({}, "linux", "/home/ann/.cache/productdesc/taxonomy"),
        ({"XDG_CACHE_HOME": "/var/c"}, "linux", "/var/c/productdesc/taxonomy"),
        ({"XDG_CACHE_HOME": "c"}, "linux", "/home/ann/.cache/productdesc/taxonomy"),
        ({}, "darwin", "/home/ann/Library/Caches/productdesc/taxonomy"),
        ({}, "win32", "/home/ann/AppData/Local/productdesc/Cache/taxonomy"),
    ],
)
def test_files_are_kept_where_the_platform_keeps_a_users_caches(
    environment: dict[str, str], platform: str, folder: str
) -> None:
    assert cache_folder(environment, platform, Path("/home/ann")) == Path(folder)


# ---- the real ones ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(shared: Path) -> Taxonomy:
    folder = shared / "taxonomy" / "shopify"
    return load_taxonomy(
        folder / "categories_with_attributes.json.gz",
        attributes=folder / "attributes_with_values.json.gz",
    )


@pytest.fixture(scope="module")
def real_google(shared: Path) -> Taxonomy:
    return load_taxonomy(
        shared / "taxonomy" / "google" / "taxonomy-with-ids.en-US.reconstructed.txt"
    )


def test_the_real_taxonomies_are_whole(real: Taxonomy, real_google: Taxonomy) -> None:
    assert (len(real), len(real_google)) == (10_595, 5_595)
    for taxonomy in (real, real_google):
        for category in taxonomy:
            assert taxonomy.find(category.path) is category
            assert taxonomy.find(category.id) is category
            above = taxonomy.parent(category)
            start = f"{above.path} > " if above else ""
            assert category.path == start + category.name
    assert sum(len(c.attributes) for c in real) == 40_255
    assert all(a.values for c in real for a in c.attributes)


# What shoppers write, and the last names that are right for it.
QUERIES = {
    "running shoe": "Athletic Shoes|Sneakers", "mens leather wallet": "Wallets",
    "summer dresses for women": "Dresses", "coffee mug": "Mugs",
    "espresso machine": "Espresso Machines", "cast iron skillet": "Skillets",
    "wireless earbuds": "Headphones", "dog leash": "Pet Leashes|Dog Leashes",
    "baby stroller": "Baby Strollers", "yoga mat": "Yoga & Pilates Mats",
    "hiking boots": "Boots", "gold necklace": "Necklaces",
    "office chair": "Office Chairs", "bluetooth speaker": "Speakers",
    "led light bulb": "LED Light Bulbs", "shampoo": "Shampoo",
    "dark chocolate": "Chocolate", "jigsaw puzzle": "Jigsaw Puzzles",
    "acoustic guitar": "Acoustic Guitars", "board game": "Board Games",
    "bike helmet": "Bicycle Helmets", "toothbrush": "Toothbrushes",
    "phone case": "Mobile Phone Cases", "cat food": "Cat Food",
    "wine glass": "Wine Glasses", "table lamp": "Table Lamps",
    "throw pillow": "Throw Pillows", "bath towel": "Bath Towels",
    "red wine": "Wine|Red Wine", "protein powder": "Protein Supplements",
    "sunglasses": "Sunglasses", "rain jacket": "Rain Coats",
    "baseball cap": "Baseball Caps", "swim trunks": "Swim Trunks",
    "face cream": "Face Creams|Lotion & Moisturizer", "lipstick": "Lipsticks",
    "usb cable": "USB Cables", "knife set": "Knife Sets|Kitchen Knives",
    "laptop sleeve": "Laptop Sleeves|Laptop Cases", "orange juice": "Juice|Fruit Juice",
}  # fmt: skip


def test_the_nearest_name_is_right_for_most_of_what_shoppers_write(real: Taxonomy) -> None:
    first = best_of_five = 0
    for text, right in QUERIES.items():
        names = [c.name for c in real.nearest(text, 5)]
        first += names[0] in right.split("|")
        best_of_five += bool(set(names) & set(right.split("|")))
    print(f"of {len(QUERIES)}: {first} first, {best_of_five} among five")
    assert first >= 30
    assert best_of_five >= 34


def test_every_kind_of_ours_has_a_category_in_both(
    real: Taxonomy, real_google: Taxonomy
) -> None:
    for kind in product_types():
        if kind != OTHER:
            assert real.nearest(kind, 1), kind
            assert real_google.nearest(kind, 1), kind
    found = {
        kind: real.nearest(kind, 1)[0].name for kind in product_types() if kind != OTHER
    }
    close = {
        k for k, name in found.items() if set(search_terms(k)) & set(search_terms(name))
    }
    assert len(close) >= 60, set(found) - close
    demo = ["dress", "hat", "longsleeve", "outerwear", "pants", "shirt", "shoes", "shorts",
            "skirt", "t-shirt", "cultured dairy", "fruit", "juice", "milk",
            "vegetable"]  # fmt: skip
    assert [found[kind] for kind in demo] == [
        "Dresses", "Hats", "T-Shirts", "Outerwear", "Pants", "Shirts", "Shoes", "Shorts",
        "Skirts", "T-Shirts", "Dairy Products", "Fresh & Frozen Fruits", "Beverages",
        "Milk", "Fresh & Frozen Vegetables",
    ]  # fmt: skip


def test_the_real_map_leads_from_nearly_every_category_to_google(
    shared: Path, real: Taxonomy, real_google: Taxonomy
) -> None:
    table = load_mapping(shared / "taxonomy" / "google" / "mappings_from_shopify.yml")
    assert len(table.ids) == 10_535
    found = {c.path: table.find(c, real, real_google) for c in real}
    lost = [path for path, there in found.items() if there is None]
    print(len(lost), lost[:8])
    assert len(lost) <= 60
    dress = found[f"{APPAREL} > Clothing > Dresses"]
    assert dress and dress.id == "2271"


def test_a_file_is_measured_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "taxonomy.txt"
    with huge.open("wb") as file:
        file.truncate(20 * 2**30)  # 20 GB that take no room
    with pytest.raises(CatalogError, match="the limit"):
        load_taxonomy(huge)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
def test_a_pipe_is_no_taxonomy(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CatalogError, match="is no regular file"):
        load_taxonomy(tmp_path / "pipe")
