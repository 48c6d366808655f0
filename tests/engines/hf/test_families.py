"""Every family by transformers: its processor's tokens, and what whole forwards say."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.families.processor_prompts import prompts, runs
from doubles.families.real_tokenizers import PACKAGES, fetch
from doubles.families.tiny_families import TINY, make
from factories import OBSERVE, WRITE, fits, photo

from productdesc.engines import HfOptions, Prompt, Request, Settings
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.hf.engine import HfEngine
from productdesc.engines.hf.families import FAMILIES
from productdesc.engines.hf.load_engine import load_hf
from productdesc.engines.hf.prompt_reader import ACCEPTED, PromptReader, load_prompt_reader

SHORT = Settings(max_tokens=40)
RECORDED = "tests/data/families/processor_ids.json"


def test_there_is_a_tiny_checkpoint_of_every_family() -> None:
    assert set(TINY) == set(FAMILIES)


def reader_of(folder: Path) -> PromptReader:
    return load_prompt_reader(inspect(folder, accepted=ACCEPTED))[0]


def check_ids(folder: Path, kind: str, root: Path, recorded: str) -> None:
    """That our tokens of each prompt are those that were recorded of the processor."""
    theirs = json.loads((root / RECORDED).read_text("utf-8"))[recorded]
    reader = reader_of(folder)
    ours = [runs(reader.read(prompt)[0]) for prompt in prompts(kind)]
    assert len(ours) == 20
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        assert one == other, number


@pytest.mark.parametrize("kind", FAMILIES)
def test_prompts_are_the_tokens_of_the_familys_own_processor(
    kind: str, tmp_path: Path, root: Path
) -> None:
    folder = make(kind, tmp_path, published=True, weights=False)
    check_ids(folder, kind, root, kind)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", PACKAGES)
def test_so_are_they_with_the_real_tokenizer(kind: str, tmp_path: Path, root: Path) -> None:
    (tmp_path / "npm").mkdir()
    real = fetch(kind, tmp_path / "npm")
    folder = make(kind, tmp_path / "model", published=True, weights=False, tokenizer=real)
    check_ids(folder, kind, root, f"{kind} real")


@pytest.mark.heavy
@pytest.mark.parametrize("kind", PACKAGES)
def test_with_the_real_tokenizer_replies_fit_their_schema(
    kind: str, tmp_path: Path
) -> None:
    """Its 32,000 or 262,144 tokens, bytes as <0xNN>, and the end of a reply at the cap."""
    (tmp_path / "npm").mkdir()
    real = fetch(kind, tmp_path / "npm")
    folder = make(kind, tmp_path / "model", tokenizer=real)
    engine = load_hf(folder, HfOptions(device="cpu"))
    prompt = Prompt("You see products.", "Größe 42, 色, 😀", (photo("red"),))
    for most in (3, 25, 60):
        settings = Settings(max_tokens=most)
        for schema in (OBSERVE, WRITE):
            [answer] = engine.generate([Request(prompt, schema)], settings)
            assert fits(answer.text, schema)


@pytest.fixture(scope="module", params=FAMILIES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> HfEngine:
    torch.set_num_threads(1)
    folder = make(request.param, tmp_path_factory.mktemp("hf"))
    return load_hf(folder, HfOptions(device="cpu"))


def by_forwards(engine: HfEngine, prompts: list[Prompt], schema: dict[str, Any]) -> str:
    """What the network says to the last prompt: one whole forward a token, no cache.

    Between the prompts stand the replies that the engine gave. Nothing here is padded.
    """
    reader, network = engine._reader, engine._network
    context, ids, photos = None, [], ()
    for at, prompt in enumerate(prompts):
        new, _ = reader.read(prompt, None if at == 0 else len(photos))
        ids += new
        photos += prompt.photos
        if at + 1 < len(prompts):
            [answer] = engine.generate([Request(prompt, OBSERVE, context)], SHORT)
            context = answer.context
            ids += context.ids[len(ids) :]
    pixels = {
        name: value
        for name, value in reader.images.process(photos).items()
        if name not in ("rows", "cols", "num_crops")
    }
    reply = engine._grammars.start(schema).fresh()
    reply.begin()
    while not reply.is_complete and len(reply.ids) < SHORT.max_tokens:
        whole = torch.tensor([[*ids, *reply.ids]])
        inputs = dict(pixels)
        if reader.family.token_types:
            types = (whole == network.image_token).long()
            inputs[reader.family.token_types] = types
        with torch.inference_mode():
            logits = network._module(input_ids=whole, use_cache=False, **inputs).logits
        barred = torch.from_numpy(~reply.mask())
        reply.add(int(logits[0, -1].masked_fill(barred, -torch.inf).argmax()))
    if not reply.is_complete:
        reply.close()
    return reply.text


def test_a_conversation_says_what_whole_forwards_say(engine: HfEngine) -> None:
    """A photo first; where the family takes more, two of other sizes in the next turn."""
    first = Prompt("You see products.", "What is it?", (photo("navy", 200, 90),))
    more = (photo("red", 90, 130), photo("white", 60, 60))
    second = Prompt("", "Now write.", () if engine.info.max_photos else more)
    assert (
        engine.generate([Request(first, WRITE)], SHORT)[0].text
        == by_forwards(engine, [first], WRITE)
    )  # fmt: skip
    [seen] = engine.generate([Request(first, OBSERVE)], SHORT)
    [other] = engine.generate(
        [Request(Prompt("", "Look again."), WRITE, seen.context)], SHORT
    )
    [written] = engine.generate([Request(second, WRITE, seen.context)], SHORT)
    assert written.text == by_forwards(engine, [first, second], WRITE)
    assert other.text != written.text


def test_no_text_can_act_as_a_special_token(engine: HfEngine) -> None:
    reader = engine._reader
    specials = set(reader.tokenizer.specials.values())
    hostile = " ".join(reader.tokenizer.specials) + "".join(reader.tokenizer.specials)

    def counted(text: str) -> Counter[int]:
        ids, _ = reader.read(Prompt(text, text, (photo("red"),)))
        return Counter(token for token in ids if token in specials)

    assert counted(hostile) == counted("x")
    again, _ = reader.read(Prompt("", hostile), photos_before=1)
    plain, _ = reader.read(Prompt("", "x"), photos_before=1)
    assert Counter(filter(specials.__contains__, again)) == Counter(
        filter(specials.__contains__, plain)
    )


def test_a_photo_changes_what_is_said(engine: HfEngine) -> None:
    """Else the placeholders might be read, and no pixel."""
    scored = ("/category",)
    found = {
        engine.generate(
            [Request(Prompt("", "What?", (photo(colour),)), OBSERVE, scored=scored)], SHORT
        )[0].probabilities["/category"]
        for colour in ("red", "navy", "white")
    }
    assert len(found) == 3
