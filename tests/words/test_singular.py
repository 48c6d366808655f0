"""Plurals and their singulars: one rule for the checks, the search and the colours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc.text.fold import fold
from productdesc.words.singular import singular
from productdesc.words.word_tables import plurals

PAIRS = """
    shelves shelf|bookshelves bookshelf|knives knife|penknives penknife|scarves scarf
    scarfs scarf|headscarves headscarf|loaves loaf|leaves leaf|halves half|calves calf
    wolves wolf|wives wife|lives life|elves elf|thieves thief|hooves hoof|dwarves dwarf
    handkerchiefs handkerchief|handkerchieves handkerchief|gloves glove|sleeves sleeve
    olives olive|stoves stove|valves valve|waves wave|curves curve|sieves sieve|chives chive
    cuffs cuff|roofs roof|chefs chef|giraffes giraffe
    cookies cookie|brownies brownie|hoodies hoodie|beanies beanie|smoothies smoothie
    selfies selfie|onesies onesie|zombies zombie|movies movie|calories calorie|pies pie
    neckties necktie|ties tie|berries berry|batteries battery|accessories accessory
    bodies body|flies fly|fries fry|cherries cherry|toys toy|trays tray|keys key
    dresses dress|glasses glass|mattresses mattress|harnesses harness|compasses compass
    mousses mousse|lenses lens|canvases canvas|buses bus|gases gas|irises iris
    atlases atlas|trellises trellis|cactuses cactus|cacti cactus|viruses virus
    bonuses bonus|octopuses octopus|blouses blouse|houses house|purses purse|vases vase
    cases case|suitcases suitcase|roses rose|hoses hose|horses horse|nurses nurse
    cushions cushion|cheeses cheese|exercises exercise|fuses fuse|causes cause
    necklaces necklace|laces lace|faces face|pieces piece|slices slice|cages cage
    boxes box|toolboxes toolbox|foxes fox|axes axe|pickaxes pickaxe|mixes mix
    watches watch|torches torch|benches bench|brooches brooch|sandwiches sandwich
    quiches quiche|brioches brioche|cloches cloche|headaches headache|moustaches moustache
    brushes brush|dishes dish|sashes sash|radishes radish|eyelashes eyelash
    sizes size|prizes prize|quizzes quiz|waltzes waltz|buzzes buzz
    shoes shoe|horseshoes horseshoe|toes toe|canoes canoe|hoes hoe|oboes oboe
    potatoes potato|tomatoes tomato|mangoes mango|mangos mango|heroes hero|dominoes domino
    videos video|photos photo|kimonos kimono|tattoos tattoo
    teeth tooth|feet foot|geese goose|children child|mice mouse|men man|women woman
    gentlemen gentleman|oxen ox|lice louse|gateaux gateau|algae alga
    shirts shirt|tees tee|pyjamas pyjama|trousers trouser|pockets pocket|buttons button
    umbrellas umbrella|cameras camera|euros euro
    skis ski|bikinis bikini|kiwis kiwi|zucchinis zucchini|taxis taxi|menus menu|tutus tutu
"""


@pytest.mark.parametrize(
    ("many", "one"),
    [pair.split() for pair in PAIRS.strip().replace("\n", "|").split("|")],
)
def test_a_plural_has_its_singular_and_the_singular_stays(many: str, one: str) -> None:
    assert singular(many) == singular(one) == one


@pytest.mark.parametrize(
    "word",
    [
        *("lens", "canvas", "glass", "dress", "bus", "gas", "harness", "iris", "atlas"),
        *("necklace", "class", "mess", "cactus", "tennis", "series", "species", "news"),
        *("grass", "brass", "moss", "compass", "mattress", "chess", "hummus", "trellis"),
        *("thermos", "christmas", "bias", "citrus", "asparagus", "this", "plus", "yes"),
        *("leaf", "chief", "safe", "cafe", "tie", "pie", "die", "brie", "soie", "s", ""),
    ],
)
def test_what_only_looks_like_a_plural_stays(word: str) -> None:
    assert singular(word) == word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lens", "len"), ("gas", "ga"), ("bus", "bu"), ("dress", "dres"), ("toes", "to"),
        ("shoe", "sho"), ("scarf", "scar"), ("gloves", "glof"), ("knife", "knit"),
        ("men", "menu"), ("canvas", "canva"), ("soie", "soy"), ("vases", "vas"),
    ],
)  # fmt: skip
def test_words_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert singular(one) != singular(other)


@given(st.from_regex(r"[a-z]{2,12}(y|ie)", fullmatch=True))
def test_a_word_in_y_or_ie_is_the_same_as_its_plural(word: str) -> None:
    stem = word.removesuffix("y").removesuffix("ie")
    if len(stem) > 2:
        one = plurals().get(stem + "ies", stem + "y")
        assert (
            singular(stem + "ies") == singular(stem + "ie") == singular(stem + "y") == one
        )


@given(st.text(max_size=30).map(fold))
def test_any_word_has_a_singular_that_is_its_own(word: str) -> None:
    assert len(singular(word)) <= len(word)
    assert bool(singular(word)) == bool(word)


def test_the_table_of_exceptions_leads_to_singulars() -> None:
    for many, one in plurals().items():
        assert singular(one) == one, many
        assert fold(many) == many and fold(one) == one
