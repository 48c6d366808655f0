"""What the demo model is asked to learn: valid, faithful, and never the same twice."""

import json
import random

import jsonschema
import pytest

from demo_model import train as demo
from demo_model.language import catalogue, copywriter, vocabulary
from demo_model.language.conversations import COLOURS, Author, Conversation, View, measured
from productdesc.channels import CHANNELS, write_schema
from productdesc.engines.qwen2vl.inputs.mrope import Grid
from productdesc.prompts import Templates, observe_schema
from productdesc.records import Facts, Product, Seen
from productdesc.taxonomy import OTHER, VISIBLE


@pytest.fixture(scope="module")
def author() -> Author:
    bare = vocabulary.learn([], 256 + len(vocabulary.SPECIAL))
    return Author(Templates(), demo.library_vocabulary(bare))


@pytest.mark.parametrize("photos", [0, 1, 3])
def test_every_answer_fits_its_schema(photos: int) -> None:
    rng = random.Random(photos)
    visible = {"colour": COLOURS, **VISIBLE}
    for _ in range(60):
        kind = rng.choice(catalogue.CATEGORIES)
        product = catalogue.product(rng, kind)
        colours = [measured(rng) for _ in range(photos)]
        seen = copywriter.observe_answer(kind, product, colours, visible)
        jsonschema.validate(seen, observe_schema(catalogue.CATEGORIES, visible, photos))
        facts = Facts(category=kind, attributes={"colour": Seen(value="navy")})
        for channel in CHANNELS.values():
            answer = copywriter.write_answer(product, facts, channel.fields, photos)
            jsonschema.validate(answer, write_schema(channel.fields, photos))


def test_the_copy_says_the_merchants_words_and_no_others() -> None:
    product = Product(
        attributes={"brand": "Zqorvex", "material": "flumen", "price": "12.50"}
    )
    facts = Facts(category="t-shirt", attributes={"colour": Seen(value="navy")})
    answer = copywriter.write_answer(product, facts, CHANNELS["plain"].fields, 2)
    text = json.dumps(answer)
    assert "Zqorvex t-shirt in navy" in answer["title"]
    assert "flumen" in answer["description"]
    assert "12.50" not in text
    assert len(set(answer["alt_texts"])) == 2


def test_the_merchants_colour_wins_over_the_photo() -> None:
    product = Product(attributes={"color": "Dusty Rose"})
    facts = Facts(category="dress", attributes={"colour": Seen(value="navy")})
    answer = copywriter.write_answer(product, facts, CHANNELS["shopify"].fields, 1)
    assert "Dusty Rose" in answer["title"]
    assert "navy" not in json.dumps(answer)


def test_only_answers_are_learned_and_photos_have_their_tokens(author: Author) -> None:
    rng = random.Random(4)
    views = [View(7, Grid(5, 4), "dress"), View(9, Grid(5, 5), "dress")]
    talk = author.conversation(rng, "dress", views)
    assert len(talk.ids) == len(talk.weights)
    assert talk.photos == [7, 9]
    sizes = [p if isinstance(p, int) else p.rows * p.columns for p in talk.pieces]
    assert sum(sizes) == len(talk.ids)
    learned = [i for i, weight in zip(talk.ids, talk.weights, strict=True) if weight]
    assert 0 < len(learned) < len(talk.ids)
    assert max(talk.weights) > 1  # the category


def test_conversations_differ_and_are_the_same_for_the_same_seed(author: Author) -> None:
    def some(seed: int) -> list[Conversation]:
        rng = random.Random(seed)
        return [author.conversation(rng, OTHER, []) for _ in range(5)]

    assert [t.ids for t in some(1)] == [t.ids for t in some(1)]
    assert len({tuple(t.ids) for t in some(1) + some(2)}) == 10


def test_titles_hold_words_that_say_something_elsewhere() -> None:
    rng = random.Random(1)
    titles = [catalogue.title(rng, "dress").casefold() for _ in range(400)]
    for words in ({"black", "navy", "red", "teal"}, {"cotton", "leather", "wool", "silk"}):
        assert 4 < sum(bool(words & set(title.split()[:-1])) for title in titles) < 100


def test_sometimes_the_data_names_another_kind_than_was_seen(author: Author) -> None:
    rng = random.Random(2)
    views = [View(0, Grid(5, 5), "dress")]
    told: list[str] = []
    for _ in range(150):
        _, _, observed, _, prompt, _ = author.conversation(rng, "dress", views).texts
        assert '"category":"dress"' in observed
        told += [k for k in catalogue.CATEGORIES if f'"category": "{k}"' in prompt]
    others = [kind for kind in told if kind != "dress"]
    assert 1 < len(others) < 0.3 * len(told)
