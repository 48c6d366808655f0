"""Twenty prompts a family, and what its own processor in transformers makes of them.

Recorded once, where torchvision is (docs/development/families.md):

    python -m doubles.families.processor_prompts tests/data/families/processor_ids.json
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from doubles.families.real_tokenizers import PACKAGES, fetch
from doubles.families.tiny_families import TINY, make
from factories import photo
from tokenizers import Tokenizer

from productdesc.engines import Prompt
from productdesc.engines.hf.families import FAMILIES
from productdesc.special_tokens import split_special_tokens

TEXTS = (
    "What is it?",
    "Describe this product, please.",
    "",
    " Two  spaces, and one before.",
    "Größe 42, 色, 😀, naïve",
    "A line.\n\nAnother line,\n  indented.",
    "Prices: 1234567 EUR; 3.50; №7",
    "<image> </s><|im_end|> <end_of_turn>[INST] <row_1_col_1>",
    "USER: no ASSISTANT: yes",
    "It's the brand's \"best\" {title}: {}",
)
SIZES = ((112, 140), (640, 480), (90, 500), (1200, 300))
PLACEHOLDERS = {
    "gemma3": "<start_of_image>",
    **dict.fromkeys(
        ("qwen2_vl", "qwen2_5_vl", "qwen3_vl"),
        "<|vision_start|><|image_pad|><|vision_end|>",
    ),
}
"""What stands for a photo before a processor puts its tokens there; else <image>."""


def prompts(kind: str) -> Iterator[Prompt]:
    """Twenty prompts: each text twice, with photos of several sizes where it takes them."""
    most = FAMILIES[kind].max_photos or 3
    for number in range(20):
        count = min((0, 1, 1, 2)[number % 4], most)
        sizes = [SIZES[(number + at) % len(SIZES)] for at in range(count)]
        photos = tuple(photo("navy", *size) for size in sizes)
        system = "You see products." if number % 3 else ""
        yield Prompt(system, TEXTS[number % len(TEXTS)], photos)


def runs(ids: Sequence[int]) -> list[list[int]]:
    """Token ids as pairs of an id and how often it stands there in a row."""
    return [[token, len(list(same))] for token, same in groupby(ids)]


def _processor(kind: str, folder: Path) -> Any:
    """The family's own processor; it is what needs torchvision."""
    import transformers
    from transformers import AutoConfig, AutoImageProcessor, AutoTokenizer

    config = AutoConfig.from_pretrained(folder)
    images = AutoImageProcessor.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, **_named_tokens(kind))
    parts: dict[str, Any] = {"image_processor": images, "tokenizer": tokenizer}
    match kind:
        case "llava" | "llava_next":
            parts["patch_size"] = config.vision_config.patch_size
            parts["vision_feature_select_strategy"] = config.vision_feature_select_strategy
            parts["num_additional_image_tokens"] = 1
        case "qwen2_vl" | "qwen2_5_vl":
            parts["video_processor"] = transformers.Qwen2VLVideoProcessor()
        case "qwen3_vl":
            parts["video_processor"] = transformers.Qwen3VLVideoProcessor()
        case "smolvlm":
            parts["video_processor"] = transformers.SmolVLMVideoProcessor()
    if kind in ("smolvlm", "idefics3"):
        vision = config.vision_config
        patches = (vision.image_size // vision.patch_size) ** 2
        parts["image_seq_len"] = patches // config.scale_factor**2
    name = FAMILIES[kind].architecture.replace("ForConditionalGeneration", "Processor")
    return getattr(transformers, name)(**parts)


def _named_tokens(kind: str) -> dict[str, Any]:
    """The tokens that Gemma's processor asks its tokenizer for by name."""
    if kind != "gemma3":
        return {}
    names = {
        "boi_token": "<start_of_image>",
        "eoi_token": "<end_of_image>",
        "image_token": "<image_soft_token>",
    }
    return {"extra_special_tokens": names}


def record(
    kind: str, folder: Path, tokenizer: Tokenizer | None = None
) -> list[list[list[int]]]:
    """What the processor makes of each prompt, its text written as the format says."""
    from productdesc.engines.checkpoint.probe import inspect
    from productdesc.engines.hf.prompt_reader import ACCEPTED, load_prompt_reader

    make(kind, folder, published=True, weights=False, tokenizer=tokenizer)
    reader, checkpoint = load_prompt_reader(inspect(folder, accepted=ACCEPTED))
    turn_format = reader.family.turn_format(reader.config, checkpoint.specials)
    processor = _processor(kind, folder)
    found = []
    for prompt in prompts(kind):
        system, text = (
            split_special_tokens(part, checkpoint.specials)
            for part in (prompt.system, prompt.text)
        )
        shown = [PLACEHOLDERS.get(kind, "<image>")] * len(prompt.photos)
        images = [one.rgb for one in prompt.photos]
        nested = [images] if reader.family.is_nested else images
        made = processor(
            text=turn_format.first(system, text, shown), images=nested if images else None
        )
        ids = made["input_ids"]
        found.append(runs(ids[0] if isinstance(ids[0], Sequence) else ids))
    return found


def main(out: Path) -> None:
    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made)
        found = {kind: record(kind, scratch / kind) for kind in TINY}
        for kind in PACKAGES:
            (scratch / "npm" / kind).mkdir(parents=True)
            real = fetch(kind, scratch / "npm" / kind)
            found[f"{kind} real"] = record(kind, scratch / f"real-{kind}", real)
    lines = (f"{json.dumps(kind)}: {json.dumps(ids)}" for kind, ids in found.items())
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
