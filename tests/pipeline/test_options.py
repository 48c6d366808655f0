"""Options: typed once, shown everywhere, and digested so that nothing is missed."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from doubles.pictures import jpeg, picture
from pydantic import BaseModel

from productdesc import (
    DescribeOptions,
    Product,
    ScriptedEngine,
    Settings,
    Style,
    describe,
    describe_many,
)
from productdesc.channels import SHOPIFY
from productdesc.checks import Policy
from productdesc.engines import EngineInfo
from productdesc.photos import load, product_digest
from productdesc.pipeline import Options, resolve
from productdesc.pipeline.options import DEFAULTS
from productdesc.records import Present, Translation, Variant
from productdesc.taxonomy import Category, Taxonomy
from productdesc.taxonomy.tree import Attribute
from productdesc.templating.template_files import TemplateTexts
from productdesc.words import word_tables

ENGINE = EngineInfo("m", "r", "w", ("<|end|>",), (), (), False, {"dtype": "float32"})
TREE = Taxonomy("mine", "1", [Category("1", "Shoes")])
OTHER_TREE = Taxonomy("mine", "1", [Category("1", "Boots")])


class Card(BaseModel):
    headline: str


class Note(BaseModel):
    headline: str


# Another value of each option; the table must have every option that there is.
OTHER_VALUES: dict[str, Any] = {
    "channel": "google",
    "fields": ["title"],
    "language": "de",
    "schema": Card,
    "template": "google.j2",
    "templates": None,  # see the test of template bytes
    "categories": ["shoes"],
    "taxonomy": TREE,
    "visible": {"pattern": ["plain", "striped"]},
    "settings": Settings(seed=1),
    "inferred": "opinions",
    "approved_claims": ["keeps rain out"],
    "style": Style(avoid=("cheap",)),
    "rewrite": True,
    "ocr": True,
    "second_look": True,
}

# Another value of each resolved field.
OTHER_FIELDS: dict[str, Any] = {
    "engine": EngineInfo("other", "r", "w"),
    "channel": dataclasses.replace(SHOPIFY, attribute_limit=9),
    "fields": SHOPIFY.fields[:1],
    "language": "de",
    "schema": Note,
    "schema_json": {"type": "object", "properties": {"a": {"type": "string"}}},
    "template": "google.j2",
    "templates": TemplateTexts({"system.j2": {"system.j2": "x"}}, ()),
    "categories": ("shoes",),
    "visible": {"colour": ("red",)},
    "taxonomy": TREE,
    "settings": Settings(max_tokens=9),
    "inferred": "none",
    "policy": Policy(approved_claims=("keeps rain out",)),
    "words": "another digest of the word tables",
    "note": "what a person says of the former copy",
    "output_version": 4,
    "rewrite": True,
    "ocr": "another reader",
    "second_look": True,
}


def options(**given: Any) -> Options:
    return resolve(ENGINE, given)  # type: ignore[arg-type]


# ---- the digest of a run -------------------------------------------------------------


def test_a_limit_of_photos_is_part_of_the_digest_and_none_leaves_it_as_it_was() -> None:
    """A draft of an engine without a limit, made before there were limits, stays valid."""
    before = "66b53d91"  # printed by the version before the limit
    assert resolve(EngineInfo("m", "r", "d"), {}).digest.startswith(before)
    limited = EngineInfo("m", "r", "d", max_photos=1)
    assert not resolve(limited, {}).digest.startswith(before)


def test_the_table_has_every_option_and_every_resolved_field() -> None:
    assert set(OTHER_VALUES) == set(DescribeOptions.__annotations__) == set(DEFAULTS)
    assert set(OTHER_FIELDS) == {field.name for field in dataclasses.fields(Options)}


@pytest.mark.parametrize("name", [name for name in OTHER_VALUES if name != "templates"])
def test_the_digest_changes_with_every_option(name: str) -> None:
    if name == "ocr":
        pytest.importorskip("rapidocr", reason="needs the extra ocr")
    assert options(**{name: OTHER_VALUES[name]}).digest != options().digest


@pytest.mark.parametrize("name", OTHER_FIELDS)
def test_the_digest_changes_with_every_resolved_field(name: str) -> None:
    changed = dataclasses.replace(options(), **{name: OTHER_FIELDS[name]})
    assert changed.digest != options().digest


def another(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case str():
            return value + "x"
        case int() | float():
            return value + 1
        case tuple():
            return (*value, "x")
        case Mapping():
            return {**value, "more": 1}
        case None:  # of a number
            return 1
    raise AssertionError(f"no other value for {value!r}")


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(EngineInfo)])
def test_the_digest_changes_with_all_that_an_engine_says_of_itself(field: str) -> None:
    engine = dataclasses.replace(ENGINE, **{field: another(getattr(ENGINE, field))})
    if field in ("languages", "categories"):
        engine = dataclasses.replace(ENGINE, **{field: ("en",)})
    assert resolve(engine, {}).digest != options().digest


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Settings)])
def test_the_digest_changes_with_every_setting(field: str) -> None:
    value = 0.5 if field == "top_p" else another(getattr(Settings(), field))
    settings = Settings(**{field: value})
    assert options(settings=settings).digest != options().digest


@pytest.mark.parametrize("name", ["system.j2", "observe.j2", "shopify.j2", "write.j2"])
def test_the_digest_changes_with_every_byte_of_every_template(
    name: str, root: Path, tmp_path: Path
) -> None:
    text = (root / "templates" / name).read_text("utf-8")
    (tmp_path / name).write_text(text, "utf-8")
    same = options(templates=tmp_path).digest
    assert same == options().digest
    (tmp_path / name).write_text(text + " ", "utf-8")
    assert options(templates=tmp_path).digest != same


WORDS = Path(word_tables.__file__).parent
TABLES = sorted(
    path.relative_to(WORDS).as_posix()
    for folder in ("", "claims/", "writing/")
    for path in WORDS.glob(f"{folder}*.toml")
)


def test_the_digest_is_of_all_word_tables(tmp_path: Path) -> None:
    for table in TABLES:
        (tmp_path / table).parent.mkdir(exist_ok=True)
        (tmp_path / table).write_bytes((WORDS / table).read_bytes())
    assert word_tables.digest(tmp_path) == options().words
    for table in TABLES:
        text = (tmp_path / table).read_bytes()
        (tmp_path / table).write_bytes(text + b"#")
        word_tables.digest.cache_clear()
        assert word_tables.digest(tmp_path) != options().words
        (tmp_path / table).write_bytes(text)


@pytest.mark.parametrize("name", TABLES)
def test_the_digest_changes_with_the_rows_of_every_word_table(
    name: str, tmp_path: Path
) -> None:
    """A table alone; of a long one two hundred rows, spread evenly."""
    table = tmp_path / name
    table.parent.mkdir(exist_ok=True)
    rows = (WORDS / name).read_text("utf-8").splitlines(keepends=True)
    some = range(0, len(rows), -(-len(rows) // 200))
    texts = {"".join([*rows[:row], *rows[row + 1 :]]) for row in some} | {"".join(rows)}
    digests = set()
    for text in texts:
        table.write_text(text, "utf-8")
        word_tables.digest.cache_clear()
        digests.add(word_tables.digest(tmp_path))
    assert len(digests) == len(texts) > 1


def test_a_template_named_by_its_path_counts_by_its_text_wherever_it_lies(
    tmp_path: Path,
) -> None:
    texts = {"a": "{{ facts }}", "b": "{{ facts }}", "c": "{{ facts }}."}
    digests = {}
    for folder, text in texts.items():
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "mine.j2"
        path.write_text(text)
        digests[folder] = options(template=path).digest
    assert digests["a"] == digests["b"] != digests["c"]


def test_two_taxonomies_or_two_models_of_one_shape_are_not_the_same() -> None:
    sole = Attribute("s", "Sole", ("rubber",))
    with_sole = Taxonomy("mine", "1", [Category("1", "Shoes", attributes=(sole,))])
    trees = (TREE, OTHER_TREE, with_sole)
    assert len({options(taxonomy=tree).digest for tree in trees}) == 3
    assert options(schema=Card).digest != options(schema=Note).digest


PROBE = """
import sys
from productdesc import Product
from productdesc.engines import EngineInfo
from productdesc.photos import product_digest
from productdesc.pipeline import resolve
turn = reversed if sys.argv[1] == "reversed" else list
def in_turn(pairs):
    return dict(turn(list(pairs.items())))
engine = EngineInfo("m", "r", "w", options=in_turn({"dtype": "x", "max_pixels": 9}))
visible = in_turn({"pattern": ["plain"], "sleeve": ["long", "short"]})
print(resolve(engine, in_turn({"visible": visible, "language": "de"})).digest)
attributes = in_turn({"brand": "Acme", "size": "42", "note": "\\ud800"})
print(product_digest(Product(id="1", attributes=attributes, photos=b"x")))
"""


def test_digests_are_the_same_in_every_process_under_every_hash_seed_and_order() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", PROBE, order],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for order in ("as given", "reversed")
        for seed in ("1", "2")
    }
    assert len(printed) == 1


# ---- the digest of a product ---------------------------------------------------------

PRODUCT = Product(
    id="1", title="Shoe", photos=[jpeg()], attributes={"a": "b"}, description="Of canvas."
)
OTHER_PRODUCTS: dict[str, Any] = {
    "id": "2",
    "title": "Shoes",
    "photos": [jpeg(), jpeg()],
    "attributes": {"a": "c"},
    "description": "Of leather.",
    "present": Present(tags=("x",)),
    "photo_error": "photo 'a.jpg' was left out",
    "variants": (Variant(options={"Colour": "Red"}),),
    "translations": {"de": Translation(title="Schuh")},
}


def test_the_table_has_every_field_of_a_product() -> None:
    assert set(OTHER_PRODUCTS) == set(Product.model_fields)


@pytest.mark.parametrize("field", OTHER_PRODUCTS)
def test_a_products_digest_changes_with_every_field(field: str) -> None:
    changed = PRODUCT.model_copy(update={field: OTHER_PRODUCTS[field]})
    assert product_digest(changed) != product_digest(PRODUCT)


@pytest.mark.parametrize("field", Present.model_fields)
def test_a_products_digest_changes_with_all_of_its_present_copy(field: str) -> None:
    value = "x" if getattr(Present(), field) == "" else ("x",)
    changed = PRODUCT.model_copy(update={"present": Present(**{field: value})})
    assert product_digest(changed) != product_digest(PRODUCT)


def test_every_byte_of_a_photo_counts_and_nothing_else_of_it(tmp_path: Path) -> None:
    data = jpeg()
    (tmp_path / "a.jpg").write_bytes(data)
    (tmp_path / "b.jpg").write_bytes(data)
    (tmp_path / "c.jpg").write_bytes(data[:-1] + b"\0")

    def digest(photo: Any) -> str:
        return product_digest(Product(photos=[photo]))

    same = {
        digest(p) for p in (tmp_path / "a.jpg", tmp_path / "b.jpg", data, bytearray(data))
    }
    assert len(same) == 1 and digest(load(data)) in same
    assert digest(tmp_path / "c.jpg") not in same
    image, other = picture(), picture("#123456")
    assert digest(image) == digest(image.copy()) != digest(other)


def test_what_is_not_at_hand_counts_by_its_name_and_is_not_fetched(tmp_path: Path) -> None:
    one, two = "https://shop.test/a.jpg", "https://shop.test/b.jpg"
    digests = {product_digest(Product(photos=[url])) for url in (one, two)}
    gone = {product_digest(Product(photos=[tmp_path / name])) for name in ("a", "b")}
    assert len(digests | gone) == 4


# ---- one place where options are typed -----------------------------------------------


@pytest.mark.parametrize("function", [describe, describe_many])
def test_every_option_is_shown_with_its_default_and_its_text(function: Any) -> None:
    shown = inspect.signature(function).parameters
    for name, default in DEFAULTS.items():
        assert shown[name].default is default or shown[name].default == default
        assert f"\n{name}: " in inspect.getdoc(function)
    assert not [p for p in shown.values() if p.kind is p.VAR_KEYWORD]


@pytest.mark.parametrize("jedi", [False, True], ids=["plain", "jedi"])
def test_a_notebook_completes_the_options(jedi: bool) -> None:
    from IPython.core.completer import IPCompleter, provisionalcompleter

    completer = IPCompleter(shell=None, namespace={"describe": describe}, use_jedi=jedi)
    with provisionalcompleter():
        line = "describe(shoe, engine, ta"
        texts = {one.text for one in completer.completions(line, len(line))}
    assert "taxonomy=" in texts


def test_a_typo_in_an_option_is_named_with_what_was_meant() -> None:
    for function in (describe, describe_many):
        with pytest.raises(TypeError, match="no option 'chanel'; did you mean 'channel'"):
            function(PRODUCT, ScriptedEngine(), chanel="shopify")


def test_mypy_finds_a_wrong_option_and_knows_the_schema(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="needs mypy, of the extra lint")
    program = tmp_path / "typed.py"
    program.write_text(
        "from pathlib import Path\n"
        "from productdesc import ScriptedEngine, describe, describe_many\n"
        "describe(Path('a.jpg'), ScriptedEngine(), channel='plain', language='de')\n"
        "describe([Path('a.jpg'), b''], ScriptedEngine(), chanel='plain')\n"
        "describe_many([Path('a.jpg')], ScriptedEngine(), language=3)\n"
        "describe(3, ScriptedEngine())\n"
        "from pydantic import BaseModel\n"
        "from productdesc import Description\n"
        "class Label(BaseModel):\n    headline: str\n"
        "def save(made: Description) -> None: ...\n"
        "made = describe(Path('a.jpg'), ScriptedEngine(), schema=Label)\n"
        "save(made)\n"
        "reveal_type(made.custom)\n"
        "reveal_type(describe(Path('a.jpg'), ScriptedEngine()).custom)\n"
        "reveal_type(Description[Label].model_validate_json('').custom)\n"
    )
    # with the project's own settings, so that its cache serves
    command = [sys.executable, "-m", "mypy", str(program)]
    out = subprocess.run(command, cwd=root, capture_output=True, text=True).stdout
    lines = [line.split(":")[1] for line in out.splitlines() if ": error:" in line]
    assert lines == ["4", "5", "6"], out
    assert '"chanel" for "describe"; did you mean "channel"' in out
    revealed = [line.split("type is ")[1] for line in out.splitlines() if "type is" in line]
    label, plain = '"typed.Label | None"', '"pydantic.main.BaseModel | None"'
    assert revealed == [label, plain, label], out


# ---- across processes ----------------------------------------------------------------


def test_options_cross_processes_and_keep_their_digest() -> None:
    asked = options(taxonomy=TREE, schema=None, language="de")
    before = asked.digest, asked.category_schema
    there = pickle.loads(pickle.dumps(asked))
    assert (there.digest, there.category_schema) == before
    assert pickle.loads(pickle.dumps(options())) == options()


def test_a_schema_that_no_other_process_can_import_is_named() -> None:
    class Local(BaseModel):
        headline: str

    with pytest.raises(pickle.PicklingError, match=r"Local is defined in a function"):
        pickle.dumps(options(schema=Local))
    script = (
        "import pickle\nfrom pydantic import BaseModel\n"
        "from productdesc.engines import EngineInfo\n"
        "from productdesc.pipeline import resolve\n"
        "class Card(BaseModel):\n    headline: str\n"
        "try:\n    pickle.dumps(resolve(EngineInfo('m', '', ''), {'schema': Card}))\n"
        "except pickle.PicklingError as e:\n    print(e)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "schema Card is defined in __main__" in run.stdout, run.stderr
