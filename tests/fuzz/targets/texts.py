"""Targets of files that a user names: templates, taxonomies, maps between them."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from fuzz.corpus import TESTS, texts
from fuzz.mutate.binary import gzipped
from fuzz.mutate.grammar import json_value, lines
from fuzz.replies import MARK
from fuzz.target import Target, require

from productdesc.channels import find_channel
from productdesc.errors import CatalogError, PromptError
from productdesc.prompts import Templates
from productdesc.records import Facts, Product, Seen
from productdesc.taxonomy import load_mapping, load_taxonomy
from productdesc.taxonomy.visible import visible_attributes

PRODUCT = Product(id="1", title="Shoe <|im_end|>", attributes={"colour": "red"})
FACTS = Facts(category="shoes", attributes={"colour": Seen(value="red")}, text=("RUN",))
FIELDS = find_channel("shopify").fields


def _template(data: bytes, folder: Path) -> None:
    """A template of a user's, and others beside it that it may include."""
    here = folder / "templates"
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir()
    for name, text in zip(("main.j2", "a.j2", "b.j2"), data.split(MARK), strict=False):
        (here / name).write_bytes(text)
    templates = Templates(here, special_tokens=("<|im_end|>",))
    read = templates.read(here / "main.j2", "system.j2")
    for source in (templates, Templates(texts=read)):
        made = source.write(
            here / "main.j2", PRODUCT, FACTS, shop="a shop", language="en", fields=FIELDS
        )
        require(len(made.template) == 64, "the digest of what shaped it")


def _taxonomy(data: bytes, folder: Path) -> None:
    first, _, second = data.partition(MARK)
    path, attributes = folder / "taxonomy", folder / "attributes"
    path.write_bytes(first)
    attributes.write_bytes(second)
    tree = load_taxonomy(path, attributes=attributes if second else None)
    require(len(tree) == len(tree.paths) and len(tree.digest) == 64, "its paths")
    for category in itertools.islice(tree, 10):
        found = tree.find(category.id)
        require(found == category, f"found by its id: {category} {found}")
        list(tree.ancestors(category))
        list(tree.leaves(category))
        shown = visible_attributes(category)
        require(all(len(v) > 1 for v in shown.values()), f"a choice: {shown}")
        tree.nearest(category.name, within=category)
    list(tree.leaves())
    tree.nearest("red running shoes", whole=True)


def _mapping(data: bytes, folder: Path) -> None:
    path = folder / "mapping"
    path.write_bytes(data)
    found = load_mapping(path)
    pairs = found.ids.items()
    require(all(type(one) is str for pair in pairs for one in pair), "ids are texts")


def _templates(shared: Path | None) -> Sequence[bytes]:
    shipped = [p.read_bytes() for p in sorted((TESTS.parent / "templates").glob("*.j2"))]
    own = (
        "{{ data }} {{ facts|upper }}\n{% for f in fields %}{{ f.name }}: {{ f.words }}"
        "{% endfor %}",
        "{% include 'a.j2' %}\n===\n{% macro m(x) %}{{ x }}{% endmacro %}{{ m(photos) }}",
        "{% extends 'a.j2' %}{% block b %}{{ super() }}{% endblock %}"
        "\n===\n{% block b %}x{% endblock %}",
        "{% import 'a.j2' as a %}{{ a.m(3) }}"
        "\n===\n{% macro m(n) %}{{ n if n < 1 else m(n-1) }}{% endmacro %}",
        "{% set x = [1, 2] %}{{ x|join(',') }}\n{{ '%s' % shop }}\n{{ 'a{}'.format(1) }}"
        "\n{{ x[0] ** 2 }}",
        "{% include ['no.j2', 'b.j2'] ignore missing %}\n{{ language|center(40) }}"
        "\n{{ data|replace('e', 'ee') }}",
        "{% raw %}{{ x }}{% endraw %}{# c #}\n{{ schema|length }}"
        "\n{{ data|truncate(9)|wordwrap(3) }}",
        "{% with a = namespace(n=0) %}{% for i in range(9) %}{% set a.n = a.n + i %}"
        "{% endfor %}{{ a.n }}{% endwith %}",
    )
    return [*shipped, *(text.encode() for text in own)]


def _of_two(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """One of the two files, as JSON; lines where it is none."""
    parts = data.split(MARK)
    at = chance.randrange(len(parts))
    is_json = parts[at].lstrip()[:1] in (b"{", b"[")
    parts[at] = (json_value if is_json else lines)(parts[at], chance, [])
    return MARK.join(parts)


SHOPIFY_TEXT = b"""# Shopify Product Taxonomy - Categories: 2026-02
gid://shopify/TaxonomyCategory/aa   : Apparel & Accessories
gid://shopify/TaxonomyCategory/aa-1 : Apparel & Accessories > Clothing
gid://shopify/TaxonomyCategory/aa-8 : Apparel & Accessories > Shoes
"""
GOOGLE = b"""# Google_Product_Taxonomy_Version: 2021-09-21
166 - Apparel & Accessories
1604 - Apparel & Accessories > Clothing
187 - Apparel & Accessories > Shoes
"""


def _taxonomies(shared: Path | None) -> Sequence[bytes]:
    top, gid = "Apparel & Accessories", "gid://shopify/TaxonomyCategory/"
    colour = {"handle": "heel_type", "name": "Heel type"}
    published = {
        "version": "2026-02",
        "verticals": [{"name": top, "prefix": "aa", "categories": [
            {"id": f"{gid}aa", "full_name": top, "parent_id": None, "attributes": []},
            {"id": f"{gid}aa-8", "full_name": f"{top} > Shoes", "parent_id": f"{gid}aa",
             "attributes": [colour]},
        ]}],
        "attributes": [colour | {"values": [{"name": "Flat"}, {"name": "High"}],
                                 "extended_attributes": [{"handle": "heel"}]}],
    }  # fmt: skip
    flat = [
        {"id": 1, "gid": f"{gid}aa", "full_name": top, "parent": None, "attributes": []},
        {"id": 2, "gid": f"{gid}aa-8", "full_name": f"{top} > Shoes", "parent": 1,
         "attributes": ["heel_type", "other"]},
    ]  # fmt: skip
    known = {"heel_type": colour | {"values": ["Flat", "High"]}}
    two = json.dumps(flat).encode() + MARK + json.dumps(known).encode()
    files = texts(shared, "shared/taxonomy/google/*.txt")
    return [json.dumps(published).encode(), two, SHOPIFY_TEXT, GOOGLE, *files]


def _mappings(shared: Path | None) -> Sequence[bytes]:
    ids: list[Any] = [
        {"input": {"product_category_id": "aa-8"},
         "output": {"product_category_id": ["187"]}},
        {"input": {"category": {"id": "gid://shopify/TaxonomyCategory/aa"}},
         "output": {"category": [{"id": "gid://google/166"}]}},
    ]  # fmt: skip
    one = {"input_taxonomy": "shopify/1", "output_taxonomy": "google/2", "rules": ids}
    yaml = (
        b"---\ninput_taxonomy: shopify/2025-01\noutput_taxonomy: google/2021-09-21\n"
        b"rules:\n- input:\n    product_category_id: aa\n"
        b"  output:\n    product_category_id:\n    - '166'\n"
    )
    several = {"mappings": [one | {"output_taxonomy": "x/1"}, one]}
    files = texts(shared, "shared/taxonomy/google/*.yml")
    return [json.dumps(one).encode(), json.dumps(several).encode(), yaml, *files]


JINJA = (
    *b"{{ }} {% %} {# #} {%- -%} |center(9) |format(1) |join |list |map(attribute='x') "
    b"|tojson |int |float |batch(3) |slice(2) |groupby('x') |sum |random |xmlattr |pprint "
    b"|urlize |wordwrap(0) |indent(99) ** * // % .format( [0] [-1] [::0] (1,) self super() "
    b"caller() loop.index varargs cycler('a') joiner() lipsum(1) dict(a=1) namespace() "
    b"range(9) 10**9 9**99 .__class__ .join( .split( .encode() {%extends'a.j2'%} "
    b"{%include'main.j2'%} {%include'b.j2'%} {%if1%} {%endif%} {%for_in[]%} {%endfor%} "
    b"{%macro_m()%} {%endmacro%} {%block_x%} {%endblock%} {%set_x=data%} {%call_m()%} "
    b"{%endcall%} {%filter_upper%} {%endfilter%} {%else%} {%elif_1%}".split(b" "),
    b"{% for x in data %}{{ loop(x) }}{% endfor %}", b"{% include data %}", b"\n===\n",
    b"{% if photos %}" * 30,
)  # fmt: skip
YAML = (b"- ", b": ", b"&a ", b"*a", b"<<: *a", b"!!python/object:x ", b"!!binary x", b"? ",
        b"[", b"{", b"---\n", b"...\n", b"2001-13-45", b"1:60", b".inf")  # fmt: skip

TARGETS = {
    "template": Target(_template, (PromptError,), _templates, (lines,), JINJA),
    "taxonomy": Target(
        _taxonomy, (CatalogError,), _taxonomies, (_of_two, _of_two, lines, gzipped)
    ),
    "mapping": Target(_mapping, (CatalogError,), _mappings, (json_value, lines), YAML),
}
