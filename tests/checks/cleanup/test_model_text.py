"""Escapes, entities and Markdown of a model become plain text; what looks like it stays."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from doubles.processor_time import MAX_RATIO, growth
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from productdesc import Description, Product, ScriptedEngine, describe
from productdesc.checks.cleanup.model_text import plain_texts
from productdesc.checks.policy import LIMITS
from productdesc.engines import Request
from productdesc.engines.scripted import shortest

FAULTS = Path(__file__).parents[2] / "data" / "faults" / "model_output.toml"
SHOE = Path("examples/striped-shoe.jpg")


def plain(text: str, field: str = "description") -> str:
    texts, _ = plain_texts({field: text}, LIMITS)
    left = texts[field]
    assert isinstance(left, str)
    return left


def described(root: Path, texts: dict[str, Any], **options: Any) -> Description[Any]:
    def answer(request: Request) -> Any:
        value = shortest(request.schema)
        return value if "category" in value else value | texts

    product = Product(id="x", photos=[root / SHOE])
    return describe(product, ScriptedEngine(answer), **options)


@pytest.mark.parametrize(
    ("case", "title", "description"),
    [
        ("p1", "Café jug", ""),
        ("p2", "Salt & oil jug", ""),
        ("p3", "Green jug", "Green jug\nfor juice\nfor milk"),
    ],
)
def test_what_models_are_reported_to_answer_is_plain_text(
    case: str, title: str, description: str, root: Path
) -> None:
    texts = {"bullets": ["Green glaze", "Easy to hold"], "tags": ["jug", "green"]}
    texts |= tomllib.loads(FAULTS.read_text("utf-8"))[case]
    result = described(root, texts, channel="shopify")
    assert result.title == title and description in result.description
    noted = {f.field for f in result.findings if f.code == "model-text"}
    assert noted == {"title", *(["description"] if description else [])}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (r"Caf\u00e9 jug", "Café jug"),
        (r"Caf\\u00e9 jug", "Café jug"),
        (r"Caf\\\\u00e9 jug", "Café jug"),
        (r"Caf\xe9 jug", "Café jug"),
        (r"Party \ud83c\udf89 jug", "Party 🎉 jug"),
        (r"Party \U0001F389 jug", "Party 🎉 jug"),
        (r"A lone \ud83d half", "A lone half"),
        (r"A \u0000 jug", "A jug"),
        (r"Line one.\nLine two.", "Line one.\nLine two."),
        (r"soft\tand warm", "soft and warm"),
        (r"The \"big\" one", 'The "big" one'),
        (r"It\'s and\/or", "It's and/or"),
        (r"black\navy shoes", "black/navy shoes"),
        (r"100\% cotton, item \#4", "100% cotton, item #4"),
        ("Salt &amp; oil", "Salt & oil"),
        ("Salt &amp;amp; oil", "Salt & oil"),
        ("5 &#8364; or &#x20ac; or &euro;", "5 € or € or €"),
        ("Soft&nbsp;jug &#0;&#55357;", "Soft jug"),
        ("# Green jug", "Green jug"),
        ("Green jug\n=========\nA jug.", "Green jug\nA jug."),
        ("**Green** and __soft__", "Green and soft"),
        ("_soft_ *and* ***warm***", "soft and warm"),
        ("**Bold:** text", "Bold: text"),
        ("**「柔软」**的杯子", "「柔软」的杯子"),
        ("**Green ju", "Green ju"),
        ("~~old~~ new", "old new"),
        ("- for juice\n- for milk", "for juice\nfor milk"),
        ("* for juice\n  * for milk", "for juice\nfor milk"),
        ("1. Wash\n2. Dry", "Wash\nDry"),
        ("> Soft words", "Soft words"),
        ("See [our guide](https://a.example/x)", "See our guide"),
        ("![A jug](a.png) in green", "A jug in green"),
        ("```\nGreen jug\n```", "Green jug"),
        ("```text\nGreen jug", "Green jug"),
        ("A `green` jug", "A green jug"),
        ("Soft\n\n---\n\nWarm", "Soft\nWarm"),
        ("| What | Is |\n|---|---|\n| Colour | green |", "Colour: green"),
        ("|a|b|c|\n|-|-|-|\n|Soft|warm|dry|", "Soft, warm, dry"),
        (r"\*not\* this", "not this"),
        (r"\*\*Caf\u00e9\*\* &amp; more", "Café & more"),
    ],
)
def test_what_a_model_writes_for_a_renderer_is_what_a_reader_would_see(
    text: str, left: str
) -> None:
    assert plain(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "4*4",
        "10*20*30 cm",
        "2**3",
        "snake_case_name",
        "size_m",
        "#1 in its class",
        "# 1 in its class",
        "C# and F#",
        "#summer #beach",
        "Price* incl. VAT",
        "5* hotel, 4* inn",
        "M*A*S*H",
        "> 5 kg",
        "+ 2 batteries",
        "2. Auflage",
        "A | B",
        "[x] done",
        "about ~5 kg",
        "5 - 10 °C",
        "R&D at AT&T, &notice",
        "AC\\DC",
        "C:\\new\\table",
        "a ** b ** c",
        "  indented,\n    and more",
        "Line one.\nLine two.",
        "<b>bold</b>",
        "",
    ],
)
def test_what_only_looks_like_it_stays_byte_for_byte(text: str) -> None:
    assert plain_texts({"description": text}, LIMITS) == ({"description": text}, [])


def test_a_field_of_one_line_stays_one() -> None:
    assert plain(r"Green\njug", "title") == "Green jug"
    texts, findings = plain_texts({"tags": ("**jug**", r"caf\u00e9", "green")}, LIMITS)
    assert texts == {"tags": ("jug", "café", "green")}
    [finding] = findings
    assert (finding.code, finding.field, finding.severity) == ("model-text", "tags", "note")
    assert "Markdown and escapes" in finding.message and finding.value == "**jug**"


class Label(BaseModel):
    name: str
    notes: list[str]


def test_the_strings_of_a_schema_of_ones_own_are_plain_text_too(root: Path) -> None:
    texts = {"name": "**Green jug**", "notes": [r"Caf\u00e9", "Salt &amp; oil"]}
    result = described(root, texts, schema=Label)
    assert result.custom == Label(name="Green jug", notes=["Café", "Salt & oil"])
    noted = [f.field for f in result.findings if f.code == "model-text"]
    assert noted == ["name", "notes.0", "notes.1"]


@pytest.mark.parametrize(
    ("language", "tags"), [("zh", "茶杯"), ("ja", "靴皿"), ("ko", "컵책")]
)
def test_a_tag_of_one_character_is_a_word_in_chinese_japanese_and_korean(
    language: str, tags: str, root: Path
) -> None:
    result = described(root, {"tags": list(tags)}, channel="shopify", language=language)
    assert result.tags == tuple(tags)


def test_markup_that_was_escaped_is_taken_out_by_the_checks(root: Path) -> None:
    title = r"Green \u003cscript\u003ealert(1)\u003c/script\u003e jug &lt;b&gt;"
    assert described(root, {"title": title}, channel="shopify").title == "Green jug"


PIECES = (
    "*", "**", "_", "`", "```", "#", "-", ">", "|", "[", "](", ")", "~~", "1.", "a", "4",
    "é", "茶", "<b>", "&amp;", "&#60;", "\\", "\\n", "\\u00e9",
)  # fmt: skip
MODEL_TEXTS = st.lists(st.sampled_from([*PIECES, " ", "\n", "# ", "- "]), max_size=25)


@given(MODEL_TEXTS.map("".join))
def test_no_text_grows_and_twice_is_the_same_as_once(text: str) -> None:
    once = plain(text)
    assert len(once) <= len(text)
    assert plain(once) == once


@pytest.mark.parametrize(
    "unit",
    ["*", "[", "![a", "`", "> ", "- a\n", "\\", "&amp;", "|a|\n|-|\n", "**a*", "1. a\n"],
)
def test_the_time_grows_as_the_text_does(unit: str) -> None:
    assert growth(lambda size: plain(unit * (size // len(unit))), most=1 << 13) < MAX_RATIO
