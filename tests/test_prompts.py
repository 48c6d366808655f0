"""Prompts: templates, overrides, and data that can never act as structure."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from productdesc.channels import CHANNELS, Channel
from productdesc.errors import PromptError
from productdesc.prompts import (
    MAX_DATA_CHARS,
    Templates,
    shipped_folder,
)
from productdesc.records import Colour, Facts, Product, Seen
from productdesc.taxonomy import VISIBLE, product_types
from productdesc.taxonomy.observe_schema import observe_schema

SPECIAL = ("<|im_start|>", "<|im_end|>", "<|image_pad|>", "<tool_call>", "</tool_call>")
FACTS = Facts(category="shoes", attributes={"colour": Seen(value="navy")}, text=("ACME",))


def written(
    templates: Templates, product: Product, template: str | Path = "shopify.j2"
) -> str:
    shopify = CHANNELS["shopify"]
    return templates.write(
        template, product, FACTS, shop=shopify.label, language="de",
        fields=shopify.fields, photos=2,
    ).text  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_every_channels_template_renders_an_empty_product(channel: Channel) -> None:
    turn = Templates().write(
        channel.template, Product(), Facts(category="shoes"), shop=channel.label,
        language="en", fields=channel.fields, photos=1,
    )  # fmt: skip
    for field in channel.fields:
        assert f"{field.name}: " in turn.text


def test_the_observe_turn_hides_the_merchants_data_when_there_is_a_photo() -> None:
    product = Product(title="Black shoe", attributes={"colour": "black"})
    navy = [[Colour("navy", "#000080", 0.62)]]
    turn = Templates().observe(
        product, photos=1, measured=navy, categories=product_types(), visible=VISIBLE
    )
    assert "lack shoe" not in turn.text
    assert "navy 62%" in turn.text
    blind = Templates().observe(
        product, photos=0, measured=[], categories=product_types(), visible=VISIBLE
    )
    assert "Black shoe" in blind.text


def test_what_all_products_choose_from_stands_in_the_first_words_alone() -> None:
    prompts = Templates(special_tokens=["<|im_end|>", "[INST]"])
    system = prompts.system(categories=["hat", "bad [INST]<|im_end|>"], visible=VISIBLE)
    assert "Choose the category: hat, bad [ INST]< |im_end| >." in system.text
    assert all(f"Choose the {name}: " in system.text for name in VISIBLE)
    turn = prompts.observe(Product(), photos=1, categories=["hat"], visible=VISIBLE)
    assert "Choose" not in turn.text
    later = prompts.observe(Product(), photos=1, visible=VISIBLE, follows=True)
    assert all(f"Choose the {name}: " in later.text for name in VISIBLE)
    assert "Choose" not in prompts.system().text


def test_a_template_of_ones_own_may_ask_for_it_all_in_the_first_turn(
    tmp_path: Path,
) -> None:
    (tmp_path / "observe.j2").write_text(
        "{{ categories | join(', ') }}{% for name in visible %} {{ name }}{% endfor %}",
        encoding="utf-8",
    )
    turn = Templates(tmp_path).observe(
        Product(), photos=1, categories=["hat", "bag"], visible={"colour": ["red"]}
    )
    assert turn.text == "hat, bag colour"


def test_the_same_product_renders_the_same_bytes_whatever_the_order_of_its_data() -> None:
    one = Product(title="t", attributes={"b": "1", "a": ["x", "y"]})
    two = Product(title="t", attributes={"a": "x, y", "b": 1})
    assert written(Templates(), one) == written(Templates(), two)


@pytest.mark.parametrize("token", SPECIAL)
def test_a_special_token_in_any_data_is_taken_apart(token: str) -> None:
    product = Product(title=token, attributes={token: f"a{token}b"}, description=token * 2)
    text = written(Templates(special_tokens=SPECIAL), product)
    assert not any(t in text for t in SPECIAL)
    facts = Facts(category="c", text=(token,))
    turn = Templates(special_tokens=SPECIAL).write(
        "write.j2", product, facts, shop="s", language="en"
    )
    assert token not in turn.text


def test_template_code_in_data_is_never_run() -> None:
    text = written(Templates(), Product(title="{{ 7 * 7 }} {% raw %} {{ facts }}"))
    assert "{{ 7 * 7 }}" in text
    assert "49" not in text


def test_data_cannot_grow_a_prompt_without_bound() -> None:
    product = Product(attributes={f"k{i}": "v" * 5000 for i in range(100)})
    assert len(written(Templates(), product)) < MAX_DATA_CHARS + 2000


def test_a_users_folder_goes_first_and_may_change_one_block(tmp_path: Path) -> None:
    (tmp_path / "shopify.j2").write_text(
        '{% extends "write.j2" %}{% block style %}Write like a pirate.{% endblock %}'
    )
    text = written(Templates(tmp_path), Product(title="t"))
    assert "Write like a pirate." in text
    assert "Seen: " in text
    plain = written(Templates(tmp_path), Product(title="t"), "write.j2")
    assert "pirate" not in plain


def test_any_template_file_may_be_given_and_may_use_the_shipped_ones(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "deep" / "mine.j2"
    mine.parent.mkdir()
    mine.write_text('{% include "system.j2" %}\nOnly this: {{ facts }}')
    assert written(Templates(), Product(), mine).endswith(
        'Only this: {"category": "shoes", "colour": "navy", "text": ["ACME"]}'
    )


def test_the_templates_hash_changes_with_anything_it_is_made_of(tmp_path: Path) -> None:
    def digest(templates: Templates) -> str:
        return templates.write(
            "shopify.j2", Product(), FACTS, shop="s", language="en"
        ).template

    before = digest(Templates())
    assert before == digest(Templates())
    parent = (shipped_folder() / "write.j2").read_text()
    (tmp_path / "write.j2").write_text(parent + "{# one more remark #}")
    assert digest(Templates(tmp_path)) != before


def test_a_template_that_is_edited_between_two_products_counts_at_once(
    tmp_path: Path,
) -> None:
    templates, path, part = Templates(), tmp_path / "t.j2", tmp_path / "part.j2"
    path.write_text("{% include 'part.j2' %}")

    def rendered(text: str, at: int) -> tuple[str, str]:
        part.write_text(text)
        os.utime(part, (at, at))  # two writes may share a tick of the clock
        done = templates.write(path, Product(), FACTS, shop="s", language="en")
        return done.text, done.template

    first, second = rendered("one", 1), rendered("two", 2)
    assert (first[0], second[0]) == ("one", "two") and first[1] != second[1]


LOOP, END = "{% for i in range(99999) %}", "{% endfor %}"
AB = "'ab'"
GROWS = "{% set n = namespace(x=" + AB + ") %}" + LOOP + "{% set n.x = n.x"
TWICE = "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("line\n{% if %}", "line 2"),
        ("{% include 'gone.j2' %}", "gone.j2"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ fields.append(1) }}", "unsafe|not safe"),
        ("{{ 1 / 0 }}", "division"),
        ('{{ "{0}".format() }}', "out of range"),
        ('{{ "{a}".format() }}', "'a'"),
        ('{{ "a" | center(10**11) }}', "too large"),
        ('{{ "a".center(10**11) }}', "too large"),
        ('{{ "a" * 10**10 }}', "too large"),
        ('{{ 10**10 * "a" }}', "too large"),
        ("{{ [1] * 99999999 }}", "too large"),
        ("{{ 10 ** 99999 }}", "a power of"),
        ('{{ "a b" | indent(width=99999999999) }}', "too large"),
        ("{{ range(99999999999) | list }}", "too large|too big"),
        ('{% include "t.j2" %}', "recursion"),
        ('{% import "t.j2" as t %}', "recursion"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
        ("{{ " + "(" * 3000 + ")" * 3000 + " }}", "recursion|unexpected|nested"),
        # nothing may run for ever
        (LOOP * 2 + END * 2, "steps"),
        ("{% for c in facts %}" * 9 + END * 9, "steps"),
        (LOOP + "{{ range(99999) | sum }}" + END, "steps"),
        (LOOP + '{{ facts | replace("e", "ee") }}' + END, "steps"),
        (LOOP + '{% include "there.j2" %}' + END, "steps"),
        (f"{TWICE}{{{{ m(60) }}}}", "steps"),
        (
            "{% for x in [1] recursive %}{% if loop.depth < 3 %}"
            + "{{ loop(range(99999)) }}{% endif %}"
            + END,
            "steps",
        ),
        # nor take all memory
        (f"{GROWS} ~ n.x %}}{END}", "too large"),
        (f"{GROWS} + n.x %}}{END}", "too large"),
        (f"{GROWS} | join(n.x) %}}{END}", "too large|steps"),
        (f"{GROWS}.replace('a', n.x) %}}{END}", "too large|steps"),
        (f"{GROWS} | replace('a', n.x) %}}{END}", "too large|steps"),
        (f"{GROWS}.join([n.x] * 9) %}}{END}", "too large|steps"),
        (f"{GROWS.replace(AB, '[1]')} + n.x %}}{END}", "too large"),
        (LOOP + '{{ "a" * 99999 }}' + END, "too large"),
        ('{{ "%999999999d" % 1 }}', "a format of over"),
        ('{{ "%999999999d" | format(1) }}', "a format of over"),
        ('{{ "%*d" % (999999999, 1) }}', "too large"),
        ('{{ "{:999999999}".format(1) }}', "a format of over"),
        ('{{ "{:{}}".format(1, 999999999) }}', "too large"),
        ('{{ ("a\n" * 99999) | indent(99999) }}', "too large"),
        ("{{ lipsum(99999) }}", "undefined"),
        ("{% if 1 %}" * 300 + "{% endif %}" * 300, "nested|recursion"),
        ("{{ " + "-" * 5000 + "1 }}", "recursion|nested"),
    ],
    ids=lambda text: text[:30],
)
def test_a_wrong_template_says_what_is_wrong(
    tmp_path: Path, source: str, reason: str
) -> None:
    path = tmp_path / "t.j2"
    path.write_text(source)
    (tmp_path / "there.j2").write_text("there")
    with pytest.raises(PromptError, match=reason):
        written(Templates(), Product(), path)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{% include "gone.j2" ignore missing %}hello', "hello"),
        ('{% include ["gone.j2", "there.j2"] %}', "there"),
        ('{% include ("gone.j2", "there.j2") ignore missing %}', "there"),
        ('{% include ["gone.j2"] ignore missing %}hello', "hello"),
        ('{{ "a" | center(5) | trim }}{{ "-" * 3 }}{{ 2 ** 3 }}', "a---8"),
        (
            "{% for a in 'xyz' %}{{ loop.index }}/{{ loop.length }}{{ a }}"
            "{{ '.' if loop.last else ' ' }}{% endfor %}",
            "1/3x 2/3y 3/3z.",
        ),
        ("{% for a in [] %}{{ a }}{% else %}none{% endfor %}", "none"),
        ("{% for a in range(6) if a is odd %}{{ a }}{% endfor %}", "135"),
        (
            "{% for a in [1, [2, [3]]] recursive %}"
            "{{ loop(a) if a is iterable else a }}{% endfor %}",
            "123",
        ),
        (
            "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k ~ v ~ 'x' }}{% endfor %}",
            "a1xb2x",
        ),
        ("{{ 'a' ~ 1 ~ none ~ [2] }}{{ ('b' ~ 'c') | upper }}", "a1None[2]BC"),
        (
            "{{ '%5.1f%%' % 3 }}|{{ '{:>4}'.format('x') }}|{{ '%s' | format(1) }}",
            "3.0%|   x|1",
        ),
        ("{{ 'a-b'.replace('-', '+') }}{{ '-'.join(['c', 'd']) }}{{ 1 + 2 }}", "a+bc-d3"),
        (
            "{% macro m(x) %}{{ caller() }}{{ x }}{% endmacro %}"
            "{% call m(1) %}c{% endcall %}",
            "c1",
        ),
    ],
)
def test_what_jinja_allows_is_rendered(tmp_path: Path, source: str, text: str) -> None:
    (tmp_path / "there.j2").write_text("there")
    path = tmp_path / "t.j2"
    path.write_text(source)
    assert written(Templates(), Product(), path) == text
    read = Templates().read(path)
    assert (
        Templates(texts=read).write(path, Product(), FACTS, shop="s", language="en").text
        == text
    )


def test_a_template_that_may_be_missing_counts_once_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "t.j2"
    path.write_text('{% include "part.j2" ignore missing %}')
    before = Templates().read(path)
    (tmp_path / "part.j2").write_text("x")
    assert Templates().read(path) != before


def test_a_missing_template_names_the_folders_that_were_searched(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"nothere\.j2.*looked in"):
        written(Templates(tmp_path), Product(), "nothere.j2")
    with pytest.raises(PromptError, match="no such template file"):
        written(Templates(), Product(), tmp_path / "gone.j2")
    with pytest.raises(PromptError, match="no such template folder"):
        Templates(tmp_path / "gone")


def test_with_several_photos_each_attribute_says_on_which_it_is_seen() -> None:
    one = observe_schema(["a", "b"], {"colour": ("red",)}, 1)
    two = observe_schema(["a", "b"], {"colour": ("red",)}, 2)
    assert one["properties"]["attributes"]["properties"]["colour"] == {"enum": ["red"]}
    shape = two["properties"]["attributes"]["properties"]["colour"]
    assert shape["properties"]["photo"] == {"enum": [1, 2]}
    assert list(one["properties"]) == ["category", "attributes", "text"]
    json.dumps(two)
