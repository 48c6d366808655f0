"""What holds for every text, however hostile."""

from __future__ import annotations

import time

import pytest
from doubles.processor_time import MAX_RATIO, growth
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from productdesc.checks import CheckedText
from productdesc.checks.check import check
from productdesc.checks.prose.sentences import sentences
from productdesc.records import Colour, Facts, Product, Seen

PRODUCT = Product(
    title="Vendora canvas shoes",
    attributes={
        "brand": "Vendora",
        "colour": "navy",
        "material": "80% cotton, 20% polyester",
        "pockets": 3,
        "width": "30 cm",
        "waterproof": "yes",
    },
    description="Made in Portugal. The best shoes for a walk in the rain.",
)
FACTS = Facts(
    category="shoes", attributes={"pattern": Seen(value="striped")}, text=("RUN FREE",)
)
MEASURED = ((Colour(name="navy", hex="#14204a", share=0.8),),)
PROMPTS = ("Say only what a photo shows or the data states. Never guess a material.",)
LANGUAGES = st.sampled_from(["en", "de", "fr", "es", "ja", "ru", "xx", ""])

WORDS = (
    "navy red shoes hat with and made of in Italy Portugal leather cotton 100 % 80% 3 42"
    ' three size XL waterproof not best the a an , . ; ( ) " “ ” - – / : ! by Nike Zorbex'
    " Vendora for children 30 cm wide € $20 500 g organic certified is are has <b> </b>"
    " <script> {{ }} <|im_end|> I'm sorry cannot ignore previous instructions www.x.com"
    ' +1 555-123-4567 Say only what a photo shows or the data states { "a": [ ] view 2'
    " für mit aus die und 鞋子 é \u200b \u0301 \n striped solid RUN FREE Made soft"
    " breathable guarantee free shipping sind haben eine"
)
PIECES = st.sampled_from(WORDS.split(" "))
PROSE = st.lists(PIECES, max_size=40).map(" ".join) | st.lists(PIECES, max_size=25).map(
    "".join
)
ANY_TEXT = st.text(st.characters(), max_size=120) | PROSE
FAST = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def run(text: str, language: str = "en", product: Product = PRODUCT) -> CheckedText:
    return check(
        {"description": text, "tags": (text, text[:20]), "alt_texts": (text, text)},
        product=product,
        facts=FACTS,
        measured=MEASURED,
        language=language,
        prompts=PROMPTS,
    )


@FAST
@given(ANY_TEXT, LANGUAGES)
def test_checking_twice_gives_the_same_and_nothing_grows(text: str, language: str) -> None:
    once = run(text, language)
    left = once.texts["description"]
    assert isinstance(left, str) and len(left) <= len(text)
    assert run(left, language).texts["description"] == left
    assert len(once.texts["alt_texts"]) == 2


@FAST
@given(ANY_TEXT)
def test_what_is_left_has_evidence_and_what_went_has_a_finding(text: str) -> None:
    result = run(text)
    left = result.texts["description"]
    assert bool(result.evidence["description"]) == bool(str(left).strip())
    if left != text and text.strip():
        assert any(f.severity == "removed" for f in result.findings)


@FAST
@given(
    st.dictionaries(
        st.text("abcdefgh_", min_size=1, max_size=8),
        st.text(max_size=60),
        max_size=4,
    ),
    st.text(max_size=40),
    ANY_TEXT,
)
def test_no_merchant_data_makes_it_raise(
    attributes: dict[str, str], title: str, text: str
) -> None:
    result = run(text, product=Product(title=title, attributes=attributes))
    assert (
        dict(result.attributes).items() >= Product(attributes=attributes).attributes.items()
    )


VALUES = st.sampled_from(
    [
        *("100% cotton", "Zorbex", "made in Italy", "30 x 40 cm", "waterproof", "size XL"),
        *(
            "GOTS certified organic cotton",
            "3 pockets",
            "the best of 2024",
            "€19.99",
            "red",
        ),
        *(
            "AB-1234X",
            "vegan leather",
            "for children",
            "lifetime guarantee",
            "12-inch screen",
        ),
        *(
            "Fabriqué en France",
            "1,5 kg",
            "Blue/Green",
            "non-toxic",
            "eco-friendly",
            "IP67",
        ),
    ]
)


@FAST
@given(st.lists(VALUES, min_size=1, max_size=4, unique=True))
def test_true_merchant_values_survive(values: list[str]) -> None:
    attributes = {f"fact {'abcd'[n]}": value for n, value in enumerate(values)}
    product = Product(attributes=attributes)
    text = "These are hats. " + " ".join(f"It says: {value}." for value in values)
    result = run(text, product=product)
    assert result.texts["description"] == text
    sources = {str(e) for e in result.evidence["description"]}
    assert sources >= {f"attribute {name}" for name in attributes}


N = 20_000
HOSTILE = {
    "one letter": "a" * N,
    "letters": "a " * (N // 2),
    "numbers": " ".join(map(str, range(N // 6))),
    "sides": "x".join(map(str, range(N // 6))),
    "lies": " ".join(f"It weighs {n} kg and has {n + 1} parts." for n in range(N // 34)),
    "one sentence of lies": " and ".join(
        f"made in Italy {n} times" for n in range(N // 28)
    ),
    "names": " ".join(
        f"zo Zorbex{'abcdefgh'[n % 8]}{'klmnop'[n % 6]}" for n in range(N // 13)
    ),
    "cotton": ", ".join(f"cotton {'abcdefghij'[n % 10]}{n}" for n in range(N // 14)),
    "colours": " ".join(f"navy red {'abcdefghijk'[n % 11]}x" for n in range(N // 12)),
    "open tags": "<a" * (N // 2),
    "scripts": "<script>" * (N // 8),
    "quotes": "“a" * (N // 2),
    "brackets": "(" * N,
    "braces": "{{" * (N // 2),
    "addresses": "a@a." * (N // 4),
    "dots": "a. " * (N // 3),
    "commas": "a, " * (N // 3),
    "hyphens": "a-" * (N // 2),
    "digits": "1-" * (N // 2),
    "accents": "e\u0301" * (N // 2),
    "marks": "a" + "\u0301" * N,
    "lines": "\n" * N,
    "surrogates": "\ud800" * N,
    "json": '{"a":' * (N // 5),
    "slow loop": " ".join(str(n % 23) for n in range(N // 3)),
    "han": "鞋" * N,
}


@pytest.mark.heavy  # a ratio of times: for a quiet machine
@pytest.mark.parametrize("name", HOSTILE)
def test_four_times_the_text_takes_about_four_times_as_long(name: str) -> None:
    def seconds(text: str) -> float:
        started = time.process_time()
        check(
            {"description": text},
            product=PRODUCT,
            facts=FACTS,
            measured=MEASURED,
            language="en",
            prompts=PROMPTS,
        )
        return time.process_time() - started

    short = min(seconds(HOSTILE[name][: N // 4]) for _ in range(2))
    # Quadratic work would be sixteen times as much; the floor is the clock's grain.
    assert min(seconds(HOSTILE[name]) for _ in range(3)) < 10 * max(short, 0.02)


@pytest.mark.parametrize("unit", ["\n ", "。 ", "!", "a. ", "no. "])
def test_the_time_to_part_sentences_grows_as_the_text_does(unit: str) -> None:
    assert growth(lambda size: list(sentences("a" + unit * size + "a"))) < MAX_RATIO
