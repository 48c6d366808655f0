"""Seconds per product with Qwen2-VL-2B's true shape, beside what one would use instead.

    python benchmarks/random_2b.py CHECKPOINT
    python benchmarks/describe_2b.py CHECKPOINT PHOTOS [--products 1] [--repeats 3] \\
        [--theirs N] [--without NAME...] [--out JSON]

PHOTOS is a folder with `labels.jsonl` (fields `file`, `title`, `description`, `category`
and, where known, `brand`, `colour`) and the photos.  The weights are random, so every
contender is steered, through its logits and never through its grammar, to the same texts:
the shop's own title and description, and bullets, tags and the rest made of them by one
rule.  Contenders take turns; the table has medians and the spread.

    ours            observe, then all fields as branches
    ours, prompt lookup  the same with draft tokens, as on a GPU
    ours, in line   all fields in one reply, one after the other
    transformers    one call of `generate` for one object with the same values, xgrammar
    outlines        the same with outlines; its index is made before the clock starts

--dtype int8 is for ours alone: the others read bfloat16, or with --theirs-dtype float32,
which is far quicker on a processor without bfloat16.

"work" is the share of the machine's own matrix-product rate (of ours' dtype, the shapes of
this model, measured in the same run) that useful sums account for: every photo patch, every
token of the prompt and every written token once, as one call for one object needs them.
Peak memory is of the whole process; what it was before the others were loaded is printed.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import transformers
from PIL import Image

from productdesc import Described, Product, __version__, describe_many
from productdesc.engines import QwenOptions, Request, Settings
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.inputs.image_processor import PixelValues, pixel_values
from productdesc.engines.qwen2vl.inputs.mrope import Grid
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl
from productdesc.engines.qwen2vl.modeling.cpu_features import CpuFeatures
from productdesc.engines.qwen2vl.modeling.int8 import Int8Linear
from productdesc.engines.qwen2vl.scheduler import decode
from productdesc.engines.qwen2vl.scheduler.batch_limits import TokenizedRequest
from productdesc.engines.structured.token_mask import StructuredReply
from productdesc.photos import load
from productdesc.pipeline.options import resolve
from productdesc.prompts import Templates
from productdesc.records import Facts
from productdesc.taxonomy.observe_schema import observe_schema

CHANNEL = "shopify"
PULL = 1e4  # added to the logit of the token that the text goes on with


# ---- what is said ------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One product and the values that every contender writes for it."""

    product: Product
    said: Mapping[str, Any]


def cases(folder: Path, count: int) -> list[Case]:
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["title"]: row for row in map(json.loads, lines) if row.get("description")}
    found = [_case(folder, row) for row in list(rows.values())[:count]]
    if len(found) < count:
        raise SystemExit(f"{folder}: {len(found)} titles with a description, not {count}")
    return found


def _case(folder: Path, row: Mapping[str, Any]) -> Case:
    title, text = _plain(row["title"]), _plain(row["description"])
    category = _plain(row["category"])
    sentences = [s.strip() for s in text.replace("•", ".").split(". ") if s.strip()]
    said = {
        "category": "other product",
        "attributes": {"colour": "unknown", "pattern": "unknown"},
        "text": [],
        "title": title[:80],
        "bullets": [s[:120] for s in (*sentences, title, category)[:4]],
        "description": text[:580],
        "seo_title": f"{title} | {category}"[:60],
        "seo_description": text[:150],
        "alt_texts": [f"{title}, seen from the front"[:120]],
        "tags": [category.lower()[:40], title.lower()[:40]],
    }
    known = {k: row[k] for k in ("brand", "material") if isinstance(row.get(k), str)}
    photo = folder / row["file"]
    return Case(Product(id=title, title=title, attributes=known, photos=photo), said)


def _plain(text: str) -> str:
    """The text on one line, without a character that JSON escapes.

    xgrammar writes no escape in a string with a maximum length: it could not be steered
    past a quotation mark.
    """
    return " ".join(text.replace('"', "'").replace("\\", "/").split())


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Pull:
    """Which token a text goes on with, from the text so far."""

    def __init__(self, vocabulary: Mapping[bytes, int]) -> None:
        self._ids = vocabulary
        self._spelled = {token: spelled for spelled, token in vocabulary.items()}
        self._longest = max(map(len, vocabulary))

    def spelled(self, ids: Sequence[int]) -> bytes:
        """The bytes of tokens; a character may be half written."""
        return b"".join(self._spelled.get(token, b"") for token in ids)

    def following(self, target: bytes, said: bytes) -> list[int]:
        """Ids of the tokens that the target goes on with, the longest first."""
        rest = target[len(said) :][: self._longest]
        pieces = (rest[:length] for length in range(len(rest), 0, -1))
        return [self._ids[piece] for piece in pieces if piece in self._ids]


# ---- ours --------------------------------------------------------------------------------


class Ours:
    """The library itself, from photo file to checked description."""

    def __init__(self, engine: Qwen2VLEngine, pull: Pull, known: Sequence[Case]) -> None:
        self.engine = engine
        self.pull = pull
        self.known = {case.product.title: case for case in known}
        self.forwards = 0
        self.at_once: int | None = None
        self._steer()

    def run(self, wanted: Sequence[Case]) -> int:
        self.engine._system_prompts.clear()  # a run prefills them once, and in its time
        outcomes = describe_many(
            [case.product for case in wanted],
            self.engine,
            channel=CHANNEL,
            settings=Settings(max_tokens=1024),
            batch_size=self.at_once or len(wanted),
        )
        for outcome in outcomes:
            assert isinstance(outcome, Described), outcome
        return self.forwards

    def _steer(self) -> None:
        """Notes whose mask is asked for, and pulls the logits of those replies."""
        engine: Any = self.engine
        tokenize, forward = engine._tokenize, engine._network.forward

        def tokenized(request: Request, *more: Any) -> TokenizedRequest:
            result: TokenizedRequest = tokenize(request, *more)
            names = list(request.schema["properties"])
            # what is observed is the same of all, and does not show the title
            shown = [c for t, c in self.known.items() if compact(t) in request.prompt.text]
            case = (shown or list(self.known.values()))[0]
            target = compact({name: case.said[name] for name in names})
            result.reply.target = target.encode()  # type: ignore[attr-defined]
            return result

        def counted(parts: Any) -> Any:
            self.forwards += any(any(part.scored) for part in parts)
            return forward(parts)

        engine._tokenize, engine._network.forward = tokenized, counted

    def patch(self) -> Callable[[], None]:
        """Puts the steering into the decoding loop; what is returned takes it out."""
        fresh, choose = StructuredReply.fresh, decode.choose

        def kept(reply: StructuredReply) -> StructuredReply:
            new = fresh(reply)
            new.target = reply.target  # type: ignore[attr-defined]
            return new

        def pulled(
            logits: Any, replies: Any, settings: Settings, generators: Any
        ) -> list[int]:
            for row, reply in enumerate(replies):
                ids = self.pull.following(reply.target, reply.data)
                for rank, token in enumerate(ids):
                    logits[row, token] += PULL * (len(ids) - rank)
            return choose(logits, replies, settings, generators)

        StructuredReply.fresh = kept  # type: ignore[method-assign]
        decode.choose = pulled

        def back() -> None:
            StructuredReply.fresh = fresh  # type: ignore[method-assign]
            decode.choose = choose

        return back


# ---- transformers ------------------------------------------------------------------------


@dataclass(frozen=True)
class Whole:
    """One product as one call: the photo, one prompt, one object of all values."""

    system: str
    text: str
    photo: PixelValues
    ids: tuple[int, ...]
    shared: int  # first tokens that are the same for all products
    schema: dict[str, Any]
    target: bytes


def whole(case: Case, engine: Qwen2VLEngine) -> Whole:
    options = resolve(engine.info, {"channel": CHANNEL})
    templates = Templates(
        texts=options.templates, special_tokens=options.engine.special_tokens
    )
    lists: dict[str, Any] = {"categories": options.categories, "visible": options.visible}
    fields = options.fields_for(1)
    [photo] = [load(p) for p in case.product.photos]
    pixels = pixel_values(photo, engine._image_processor)
    look = templates.observe(case.product, photos=1, measured=[()], **lists)
    tell = templates.write(
        options.template,
        case.product,
        Facts(category="x"),
        shop=options.channel.label,
        language=options.language,
        fields=fields,
        photos=1,
    )
    first = observe_schema(options.categories, options.visible, 1)
    second = options.write_schema(fields, 1)
    schema = {
        **first,
        "properties": {**first["properties"], **second["properties"]},
        "required": [*first["required"], *second["required"]],
    }
    grid = Grid(pixels.grid_h // 2, pixels.grid_w // 2)
    system, text = templates.system(**lists).text, f"{look.text}\n{tell.text}"
    turn = engine._tokenizer.turn(system, text, [grid])
    target = compact({name: case.said[name] for name in schema["properties"]}).encode()
    return Whole(system, text, pixels, turn.ids, turn.system, schema, target)


class Transformers:
    """`generate` with a grammar: one call per product, one object with all values."""

    def __init__(
        self, folder: Path, engine: Qwen2VLEngine, pull: Pull, dtype: torch.dtype
    ) -> None:
        from transformers import PreTrainedTokenizerFast, Qwen2VLForConditionalGeneration

        self.model = Qwen2VLForConditionalGeneration.from_pretrained(
            folder, dtype=dtype, attn_implementation="sdpa"
        ).eval()
        self.tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(folder / "tokenizer.json")
        )
        text = self.model.config.text_config
        self.end: int = text.eos_token_id
        self.vocab_size: int = text.vocab_size
        self.engine, self.pull = engine, pull
        self.tokens = 0

    def run(self, wanted: Sequence[Case], grammars: Any) -> int:
        self.tokens = 0
        for case in wanted:
            self._one(case, grammars)
        return self.tokens

    def _one(self, case: Case, grammars: Any) -> None:
        call = whole(case, self.engine)
        cut, target = call.photo, call.target
        ids = torch.tensor([call.ids])
        with torch.inference_mode():
            out = self.model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                mm_token_type_ids=(ids == self.model.config.image_token_id).int(),
                pixel_values=torch.from_numpy(cut.values).to(self.model.dtype),
                image_grid_thw=torch.tensor([[1, cut.grid_h, cut.grid_w]]),
                max_new_tokens=1024,
                do_sample=False,
                eos_token_id=self.end,
                logits_processor=[
                    self._steer(ids.shape[1], target),
                    grammars.start(call.schema),
                ],
            )
        text = self.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        assert json.loads(text) == json.loads(target), text
        self.tokens += out.shape[1] - ids.shape[1]

    def _steer(self, start: int, target: bytes) -> Callable[[Any, Any], Any]:
        def pulled(ids: Any, scores: Any) -> Any:
            said = self.pull.spelled(ids[0, start:].tolist())
            found = self.pull.following(target, said) or [self.end]
            scores = scores.clone()
            for rank, token in enumerate(found):
                scores[0, token] += PULL * (len(found) - rank)
            return scores

        return pulled


class Xgrammar:
    """Masks of xgrammar; it keeps what it compiled."""

    def __init__(self, theirs: Transformers) -> None:
        import xgrammar

        info = xgrammar.TokenizerInfo.from_huggingface(
            theirs.tokenizer, vocab_size=theirs.vocab_size, stop_token_ids=[theirs.end]
        )
        self._compiler = xgrammar.GrammarCompiler(info)

    def start(self, schema: Mapping[str, Any]) -> Any:
        from xgrammar.contrib.hf import LogitsProcessor

        grammar = self._compiler.compile_json_schema(
            compact(schema), any_whitespace=False, separators=(",", ":")
        )
        return LogitsProcessor(grammar)


class Outlines:
    """Masks of outlines, with no space between tokens; the index is made beforehand."""

    def __init__(self, theirs: Transformers, schema: Mapping[str, Any]) -> None:
        from outlines.backends.outlines_core import OutlinesCoreBackend
        from outlines_core import Index
        from outlines_core.json_schema import build_regex_from_schema

        tokenizer = theirs.tokenizer
        vocabulary = OutlinesCoreBackend.create_outlines_core_vocabulary(
            tokenizer.get_vocab(),
            theirs.end,
            tokenizer.convert_ids_to_tokens(theirs.end),
            lambda token: tokenizer.convert_tokens_to_string([token]),
        )
        began = time.monotonic()
        self._index = Index(build_regex_from_schema(compact(schema), ""), vocabulary)
        print(f"outlines: {time.monotonic() - began:.1f} s for the index", flush=True)

    def start(self, schema: Mapping[str, Any]) -> Any:
        from outlines.backends.outlines_core import OutlinesCoreLogitsProcessor

        return OutlinesCoreLogitsProcessor(self._index, "torch")


# ---- the limit ---------------------------------------------------------------------------


def product_rate(engine: Qwen2VLEngine) -> float:
    """FLOP per second of matrix products in this model's shapes, median of 15.

    Of the kind in which ours sums: float32 where the processor has no bfloat16 or VNNI.
    """
    network = engine._network
    is_int8 = network.dtype == torch.int8 and CpuFeatures.detect().int8
    kind = torch.int8 if is_int8 else network._text_dtype
    x, y = torch.randn(576, 1536).to(kind), torch.randn(8960, 1536).to(kind)
    rates = []
    for _ in range(15):
        began = time.monotonic()
        for _ in range(4):
            torch._int_mm(x, y.t()) if is_int8 else x @ y.t()
        rates.append(4 * 2 * 576 * 1536 * 8960 / (time.monotonic() - began))
    return statistics.median(rates)


def useful_flop(calls: Sequence[Whole], engine: Qwen2VLEngine) -> float:
    """Of the products with weights, a call; attention among tokens is left out.

    What all calls begin with counts once.
    """
    module: Any = engine._network._module
    layers = _weights(module.model.language_model.layers)
    spared = 2.0 * layers * calls[0].shared * (len(calls) - 1)
    return (sum(_useful_flop(call, engine) for call in calls) - spared) / len(calls)


def _useful_flop(call: Whole, engine: Qwen2VLEngine) -> float:
    module: Any = engine._network._module
    patch = _weights(module.model.visual.patch_embed) + _weights(module.model.visual.blocks)
    token = _weights(module.model.visual.merger)
    layers = _weights(module.model.language_model.layers)
    head = _weights(module.lm_head)
    patches_ = call.photo.grid_h * call.photo.grid_w
    written = len(engine._tokenizer.encode(call.target.decode()))
    seen = patches_ * patch + patches_ / 4 * token
    return 2.0 * (seen + (len(call.ids) + written) * layers + written * head)


def _weights(module: torch.nn.Module) -> int:
    """How many values enter products: not those of norms, nor what is added."""
    found = 0
    for part in module.modules():
        if isinstance(part, Int8Linear):
            found += part.outputs * part.inputs
        elif isinstance(weight := getattr(part, "weight", None), torch.Tensor):
            found += weight.numel() if weight.ndim > 1 else 0
    return found


# ---- the table ---------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--products", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--side", type=int, default=336, help="of the photos, in pixels")
    parser.add_argument("--without", nargs="*", default=[], help="contenders to leave out")
    parser.add_argument("--dtype", default="bfloat16", choices=["bfloat16", "int8"])
    parser.add_argument(
        "--theirs-dtype", default="bfloat16", choices=["bfloat16", "float32"]
    )
    parser.add_argument("--at-once", type=int, help="products under way; else all")
    parser.add_argument("--theirs", type=int, help="products for the others; else all")
    parser.add_argument("--out", type=Path, help="JSON of every run")
    asked = parser.parse_args()
    rows = list(_measured(asked))
    print(_table(rows, asked.products))
    print(f"peak memory of the process: {_peak():.2f} GiB")
    if asked.out:
        asked.out.write_text(json.dumps({"machine": _machine(), "runs": rows}, indent=2))


def _measured(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    known = cases(asked.photos, asked.products)
    for case in known:
        for path in case.product.photos:
            with Image.open(path) as image:
                assert min(image.size) >= asked.side, f"{path} is smaller than that"
    pixels = asked.side**2
    engine = load_qwen2vl(
        asked.checkpoint, QwenOptions(dtype=asked.dtype, max_pixels=pixels)
    )
    pull = Pull(_tokens(engine))
    ours = Ours(engine, pull, known)
    ours.at_once = asked.at_once
    back = ours.patch()
    options = {"ours": (False, True), "ours, prompt lookup": (True, True)}
    options["ours, in line"] = (False, False)
    theirs: Any = None
    few = known[: asked.theirs or asked.products]
    rate = product_rate(engine)
    print(f"{rate / 1e9:.0f} GFLOP/s in matrix products", flush=True)
    calls = [whole(case, engine) for case in known]
    flop = useful_flop(calls, engine)
    alone = useful_flop(calls[:1], engine)
    del calls  # their patches are no part of what ours needs
    print(
        f"{flop / 1e9:.0f} GFLOP useful a product, {alone / 1e9:.0f} of one alone",
        flush=True,
    )
    for repeat in range(asked.repeats):
        for name, (prompt_lookup, branches) in options.items():
            if name in asked.without:
                continue
            engine._prompt_lookup = prompt_lookup
            engine._info = replace(engine._info, branches=branches)
            ours.forwards = 0
            began = time.monotonic()
            steps = ours.run(known)
            yield _run(name, repeat, began, steps, asked.products, flop / rate)
        if theirs is None and "transformers" not in asked.without:
            print(f"peak memory so far: {_peak():.2f} GiB", flush=True)  # ours alone
            kind = getattr(torch, asked.theirs_dtype)
            theirs = Transformers(asked.checkpoint, engine, pull, kind)
            grammars: dict[str, Any] = {"transformers": Xgrammar(theirs)}
            if "outlines" not in asked.without:
                grammars["outlines"] = Outlines(theirs, whole(known[0], engine).schema)
        for name, masks in grammars.items() if theirs else ():
            began = time.monotonic()
            steps = theirs.run(few, masks)
            yield _run(name, repeat, began, steps, len(few), alone / rate)
    back()


def _tokens(engine: Qwen2VLEngine) -> dict[bytes, int]:
    tokenizer: Any = engine._grammars._ll_tokenizer
    count = engine._network.vocab_size
    special = set(engine._tokenizer.specials.values())
    found = {}
    for token in range(count):
        if token not in special and (spelled := bytes(tokenizer.decode_bytes([token]))):
            found.setdefault(spelled, token)
    return found


def _run(
    name: str, repeat: int, began: float, steps: int, count: int, least: float
) -> dict[str, Any]:
    """One run; `least` is the seconds a product takes at the machine's product rate."""
    seconds = (time.monotonic() - began) / count
    print(f"{name}: {seconds:.2f} s a product, {steps} forwards", flush=True)
    return {
        "name": name,
        "repeat": repeat,
        "products": count,
        "seconds": seconds,
        "forwards": steps,
        "work": least / seconds,
    }


def _table(rows: Sequence[Mapping[str, Any]], products: int) -> str:
    names = list(dict.fromkeys(row["name"] for row in rows))
    lines = [
        f"| {products} products | seconds each | spread | forwards | work |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        own = [row for row in rows if row["name"] == name]
        times = [row["seconds"] for row in own]
        spread = f"{min(times):.2f} to {max(times):.2f}"
        median = statistics.median(times)
        work = f"{100 * statistics.median(row['work'] for row in own):.0f} %"
        steps = own[0]["forwards"]
        lines.append(f"| {name} | {median:.2f} | {spread} | {steps} | {work} |")
    return "\n".join(lines)


def _peak() -> float:
    """GiB that the process held at most, mapped files included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _machine() -> dict[str, Any]:
    lines = (
        Path("/proc/cpuinfo").read_text().splitlines()
        if platform.system() == "Linux"
        else []
    )
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": torch.get_num_threads(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "productdesc": __version__,
    }


if __name__ == "__main__":
    main()
