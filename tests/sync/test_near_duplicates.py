"""Near-duplicates: recall and false pairs at known similarity, variants, upkeep."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles.jobs.small_jobs import SHORT, run, states

from productdesc import Product, ScriptedEngine, sync
from productdesc.catalogs import open_source
from productdesc.engines import Request
from productdesc.engines.scripted import shortest
from productdesc.sync.near_duplicates import (
    SIMILAR,
    bands_of,
    jaccard,
    shingles,
    signature,
    variant_of,
)


def pair_of(
    similarity: float, chance: random.Random
) -> tuple[frozenset[str], frozenset[str]]:
    """Two sets of about this Jaccard similarity."""
    size = chance.randrange(40, 160)
    both = round(2 * size * similarity / (1 + similarity))
    names = iter(f"{chance.getrandbits(60)}" for _ in range(2 * size))
    shared = {next(names) for _ in range(both)}
    one, other = (
        frozenset(shared | {next(names) for _ in range(size - both)}) for _ in range(2)
    )
    return one, other


def meet(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool({*bands_of(signature(one))} & {*bands_of(signature(other))})


def test_recall_and_false_pairs_at_the_threshold_on_2000_pairs() -> None:
    chance = random.Random(25)
    similar = different = recalled = candidates = 0
    for number in range(2_000):
        one, other = pair_of(number / 2_000, chance)
        is_similar = jaccard(one, other) >= SIMILAR
        met = meet(one, other)
        similar += is_similar
        different += not is_similar
        recalled += is_similar and met
        candidates += met and not is_similar
    print(f"recall {recalled}/{similar}; candidates below: {candidates}/{different}")
    assert similar > 350
    assert recalled / similar > 0.995
    # each is compared exactly, so none of them becomes a pair
    assert candidates / different < 0.5


def test_a_signature_tells_the_similarity() -> None:
    chance = random.Random(3)
    for similarity in (0.2, 0.5, 0.8, 0.95):
        errors = []
        for _ in range(50):
            one, other = pair_of(similarity, chance)
            same = np.mean(signature(one) == signature(other))
            errors.append(float(same) - jaccard(one, other))
        assert abs(np.mean(errors)) < 0.03


def test_words_are_compared_without_case_accents_and_marks() -> None:
    text = "Die Größe passt, und der Stoff hält auch im Winter gut warm"
    assert shingles(text) == shingles(text.upper().replace(",", " --"))
    assert shingles("too few words") == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "is_variant"),
    [
        ({"title": "Mug"}, {"title": "Cup"}, False),
        ({"title": "Mug Red", "attributes": {"colour": "red"}},
         {"title": "Mug Blue", "attributes": {"colour": "blue"}}, True),
        ({"title": "A", "attributes": {"item_group_id": "7"}},
         {"title": "B", "attributes": {"item_group_id": "7"}}, True),
        ({"title": "A", "attributes": {"item_group_id": "7"}},
         {"title": "A", "attributes": {"item_group_id": "8"}}, False),
    ],
)  # fmt: skip
def test_variants_are_told_by_their_group_or_their_title(
    one: dict[str, Any], other: dict[str, Any], is_variant: bool
) -> None:
    found = (variant_of(Product(**one)), variant_of(Product(**other)))
    assert (found[0] == found[1] != "") is is_variant


# --- In a journal ------------------------------------------------------------------------


class Copywriter(ScriptedEngine):
    """Writes as bullets what a function gives for the next product."""

    def __init__(self, text: Callable[[int], list[str]]) -> None:
        self._count = 0
        self._text = text
        super().__init__(self._write)

    def _write(self, request: Request) -> Any:
        value = shortest(request.schema)
        if "bullets" in value:
            value["bullets"] = self._text(self._count)
            self._count += 1
        return value


def bullets(seed: int, changed: int = 0) -> list[str]:
    """Five bullets of words that say nothing, so that no check takes them out."""
    chance = random.Random(seed)
    other = random.Random(seed * 1000 + changed)
    words = [chance.choice(OPINIONS.split()) for _ in range(60)]
    for _ in range(changed):
        words[other.randrange(60)] = other.choice(OPINIONS.split())
    return [" ".join(words[at : at + 12]) for at in range(0, 60, 12)]


OPINIONS = """lovely beautiful great nice good fine wonderful pretty charming elegant
stylish classic modern perfect ideal favourite gift everyday simple special"""


def job(
    journal: sync.Journal, titles: list[str], texts: Callable[[int], list[str]]
) -> None:
    listed: Iterator[Product] = (
        Product(id=f"p{n}", title=title) for n, title in enumerate(titles)
    )
    options = {**SHORT, "fields": ["bullets"], "batch_size": 1, "inferred": "all"}
    for _ in sync.run(journal, listed, Copywriter(texts), **options):
        pass


def test_twins_are_found_told_and_forgotten(tmp_path: Path) -> None:
    with sync.Journal(tmp_path / "job.db") as journal:
        titles = ["Mug", "Cup", "Jug", "Bowl"]
        seeds = [1, 2, 1, 3]  # the jug has the mug's copy
        job(journal, titles, lambda n: bullets(seeds[n]))
        assert states(journal) == {"generated": 4}
        stored = [row.description for row in journal.rows("plain", "en")]
        assert stored[0] and stored[2]
        assert stored[0].bullets == stored[2].bullets != ()
        assert sync.find_near_duplicates(journal, "plain", "en") == 4
        found = sync.job_status(journal)
        assert found.near_duplicates == 2
        assert found.twins == (("p2", "p0", 1.0),)
        assert sync.find_near_duplicates(journal, "plain", "en") == 0, "each once"
        # the jug gets another title, and copy of its own
        job(journal, ["Mug", "Cup", "Kettle", "Bowl"], lambda n: bullets(9))
        assert sync.find_near_duplicates(journal, "plain", "en") == 1
        assert sync.job_status(journal).near_duplicates == 0


@pytest.mark.parametrize("other", [{"channel": "shopify"}, {"language": "de"}])
def test_a_product_is_no_twin_of_its_copy_in_another_channel_or_language(
    other: dict[str, str], tmp_path: Path
) -> None:
    with sync.Journal(tmp_path / "job.db") as journal:
        untitled = [Product(id=f"p{n}", attributes={"size": str(n)}) for n in range(2)]
        for options in ({}, other):
            asked = {**SHORT, "fields": ["bullets"], "inferred": "all", **options}
            for _ in sync.run(journal, untitled, Copywriter(bullets), **asked):
                pass
        assert len(journal.scopes()) == 2
        for scope in journal.scopes():
            assert sync.find_near_duplicates(journal, *scope) == 2
            assert sync.job_status(journal, *scope).near_duplicates == 0


def test_many_drafts_of_one_mould_cost_no_square(tmp_path: Path) -> None:
    """All are alike: each is compared with a few, and all are told of."""
    with sync.Journal(tmp_path / "job.db") as journal:
        names = [f"{a} {b}" for a in "ABCDEFGHIJ" for b in "KLMNOPQRST"]
        job(journal, names, lambda n: bullets(1))
        sync.find_near_duplicates(journal, "plain", "en")
        assert sync.job_status(journal).near_duplicates == len(names)


def test_variants_have_no_twins(tmp_path: Path) -> None:
    with sync.Journal(tmp_path / "job.db") as journal:
        listed = [
            Product(id=c, title=f"Mug {c}", attributes={"colour": c})
            for c in ("red", "blue", "green")
        ]
        engine = Copywriter(lambda n: bullets(1))
        run(journal, listed, engine, fields=["bullets"], inferred="all")
        sync.find_near_duplicates(journal, "plain", "en")
        assert sync.job_status(journal).near_duplicates == 0


# --- Real texts --------------------------------------------------------------------------

REAL = (
    "shopify-csv/a-2014-theme-export.csv",
    "shopify-csv/b-2021-export.csv",
    "shopify-csv/enc-cp1252-semicolon.csv",
    "magento/ConfigurableSampleData__products.csv",
    "google-merchant/feed.tsv",
)


def test_real_texts_that_are_alike_meet_and_few_others_do(shared: Path) -> None:
    texts = []
    for name in REAL:
        with open_source(shared / "catalogs" / name) as source:
            found = (shingles(f"{p.title}\n{p.words}") for p in source.products())
            texts += [one for one in found if one]
    bands = [{*bands_of(signature(one))} for one in texts]
    counts: Counter[tuple[bool, bool]] = Counter()
    for a, b in combinations(range(len(texts)), 2):
        is_similar = jaccard(texts[a], texts[b]) >= SIMILAR
        counts[is_similar, bool(bands[a] & bands[b])] += 1
    print(f"{len(texts)} texts: {dict(counts)}")
    assert counts[True, True] > 30
    assert counts[True, False] == 0, "recall"
    assert counts[False, True] < 0.02 * counts[False, False]
