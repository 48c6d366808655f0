"""Text on packs: words read right and wrong, and seconds, on real and on made packs.

    python benchmarks/pack_text.py GROCERY --font FILE --font FILE ...

GROCERY is the folder of the grocery set; the words on 40 of its photos stand in
`pack_words.toml`. Each is read as it is and enlarged. Packs made here (`made_packs.py`)
have one of each kind in each font. A word is right where it is read as it stands, but for
case and accents, as checks compare; wrong where something like it was read; else it is
missed.
"""

from __future__ import annotations

import argparse
import resource
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from made_packs import made_packs
from rapidfuzz.distance import OSA

from productdesc.photos import ReadLimits, TextReader
from productdesc.records import PhotoSource, ReadText
from productdesc.words.tokens import forms_of_text

WORDS = Path(__file__).with_name("pack_words.toml")
LIKE = 0.4  # of a word's letters may differ in what counts as the same word, read wrong
BANDS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of scores
ENDS = ("right", "joined", "wrong", "missed")  # of a word, the best first


class PackRead(NamedTuple):
    """One pack: the words on it, the lines that were read, and the processor seconds."""

    words: tuple[str, ...]
    lines: tuple[ReadText, ...]
    seconds: float

    @property
    def forms(self) -> list[str]:
        return [form for line in self.lines for form in forms_of_text(line.text)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grocery", type=Path)
    parser.add_argument("--font", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--enlarge", type=float, action="append", metavar="TIMES")
    chosen = parser.parse_args()
    listed = tomllib.loads(WORDS.read_text("utf-8"))["words"]
    real = [(chosen.grocery / name, words.split()) for name, words in listed.items()]
    print(f"{'packs':32}{'words':>6}" + "".join(f"{end:>8}" for end in ENDS) + "  cpu s")
    for factor in chosen.enlarge or (1.0, 2.0, ReadLimits().enlarge, 4.0):
        read = read_all(real, ReadLimits(enlarge=factor))
        show(f"real, enlarged {factor:g} times", read)
        if factor == ReadLimits().enlarge:
            show_bands(read)
    if chosen.font:
        packs = [*made_packs(chosen.font)]
        read = read_all([(pack.image, pack.words) for pack in packs], ReadLimits())
        show("made", read)
        groups: dict[str, list[PackRead]] = defaultdict(list)
        for pack, one in zip(packs, read, strict=True):
            for group in (pack.kind, pack.font, pack.language):
                groups[group].append(one)
        for group, some in groups.items():
            show(f"  {group}", some)
        show_invented(read)


def read_all(
    packs: Iterable[tuple[PhotoSource, Sequence[str]]], limits: ReadLimits
) -> list[PackRead]:
    """Every pack, read once. Seconds are of the processor, with a share of the start."""
    began = _seconds_of_children()
    with TextReader(limits=limits) as reader:
        read = [(tuple(_forms(words)), reader.read(photo)) for photo, words in packs]
    seconds = (_seconds_of_children() - began) / len(read)
    return [PackRead(words, lines, seconds) for words, lines in read]


def _forms(words: Sequence[str]) -> list[str]:
    return [form for word in words for form in forms_of_text(word)]


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(name: str, packs: Sequence[PackRead]) -> None:
    counts = Counter(judged(word, pack.forms) for pack in packs for word in pack.words)
    ends = "".join(f"{counts[end]:8}" for end in ENDS)
    seconds = sum(pack.seconds for pack in packs) / len(packs)
    print(
        f"{name + f', {len(packs)}':32}{counts.total():6}{ends}{seconds:8.2f}", flush=True
    )


def judged(word: str, forms: Sequence[str]) -> str:
    """What became of one word of the list."""
    if word in forms:
        return "right"
    if len(word) > 2 and any(word in form for form in forms):
        return "joined"  # with its neighbour, without a space
    near = min((OSA.distance(word, form) for form in forms), default=len(word))
    return "wrong" if near <= LIKE * len(word) else "missed"


def show_bands(packs: Sequence[PackRead]) -> None:
    """Lines with listed words in them, by the reader's score: how many have them right."""
    for low, high in pairwise(BANDS):
        some = [
            best
            for pack in packs
            for line in pack.lines
            if low <= line.score < high or line.score == high == BANDS[-1]
            for best in [best_end(line, pack.words)]
            if best != "missed"
        ]
        right = sum(end != "wrong" for end in some)
        print(f"  score {low:.1f} to {high:.1f}: {right} of {len(some)} lines right")


def best_end(line: ReadText, words: Sequence[str]) -> str:
    forms = forms_of_text(line.text)
    return min((judged(word, forms) for word in words), key=ENDS.index, default="missed")


def show_invented(packs: Sequence[PackRead]) -> None:
    """Words that were read and stand nowhere on their pack: all of its words are known."""
    pairs = [(form, pack.words) for pack in packs for form in pack.forms]
    invented = sum(form not in words for form, words in pairs)
    print(f"of {len(pairs)} words read on made packs, {invented} do not stand there so")


if __name__ == "__main__":
    main()
