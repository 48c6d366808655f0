"""Prompt reader: photos and text to tokens and pixels, as the family has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...errors import EngineError
from ...text.printable import printable, words_of
from ..checkpoint.accepted import Accepted, refuse_tokenizer_parts, special_tokens
from ..checkpoint.probe import Checkpoint
from ..protocol import Prompt
from .families import FAMILIES, Family
from .image_inputs import ImageInputs
from .prompt_tokenizer import PromptTokenizer, load_tokenizer
from .tokenizer_parts import HF_NORMALIZERS, HF_PRE_TOKENIZERS

ACCEPTED = Accepted(
    {kind: family.architecture for kind, family in FAMILIES.items()},
    HF_NORMALIZERS,
    HF_PRE_TOKENIZERS,
    adds_words=True,
)
"""What this engine reads."""


@dataclass(frozen=True, slots=True, eq=False)
class PromptReader:
    """What makes a checkpoint's inputs: configuration, image processor and tokenizer."""

    family: Family
    config: Any
    images: ImageInputs
    tokenizer: PromptTokenizer

    def read(
        self, prompt: Prompt, photos_before: int | None = None
    ) -> tuple[list[int], Mapping[str, Any]]:
        """Tokens of a turn, and what the image processor made of its photos.

        `photos_before` are those of the conversation that it goes on; None: it begins one.
        Raises `PhotoError` for a photo that does not fit the model.
        """
        pixels = self.images.process(prompt.photos)
        shown = [
            self.family.layout(self.config, pixels, at, self.tokenizer.spell)
            for at in range(len(prompt.photos))
        ]
        if photos_before is None:
            ids = self.tokenizer.first_turn(prompt.system, prompt.text, shown)
        else:
            ids = self.tokenizer.next_turn(prompt.text, shown, photos_before=photos_before)
        return ids, pixels


def load_prompt_reader(
    checkpoint: Checkpoint, *, max_pixels: int | None = None
) -> tuple[PromptReader, Checkpoint]:
    """The reader of a checkpoint that was looked through; no weights are read.

    And the checkpoint with its tokenizer as transformers makes it. Raises `EngineError`
    for a configuration, an image processor or a tokenizer that is not the family's.
    """
    family = FAMILIES[checkpoint.config["model_type"]]
    images = ImageInputs(family, checkpoint.preprocessor, max_pixels)
    config = _config(checkpoint)
    checkpoint = _with_made_tokenizer(checkpoint)
    turn_format = family.turn_format(config, checkpoint.specials)
    tokenizer = PromptTokenizer(checkpoint, turn_format)
    tokenizer.spell(config.image_token_id)
    return PromptReader(family, config, images, tokenizer), checkpoint


def _config(checkpoint: Checkpoint) -> Any:
    from transformers import CONFIG_MAPPING

    try:
        return CONFIG_MAPPING[checkpoint.config["model_type"]].from_dict(checkpoint.config)
    except Exception as e:  # each class raises its own kinds; all mean the same
        where = checkpoint.folder / "config.json"
        raise EngineError(f"{where}: not a configuration: {words_of(e)}") from e


def _with_made_tokenizer(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint with its tokenizer as transformers makes it, looked through again."""
    folder = checkpoint.folder
    tokenizer = load_tokenizer(folder, checkpoint.tokenizer_class)
    refuse_tokenizer_parts(tokenizer, ACCEPTED)
    specials = special_tokens(tokenizer, {}, ACCEPTED)
    for text, number in checkpoint.specials.items():
        if specials.get(text) != number:
            shown = printable(text, "name")
            raise EngineError(
                f"{folder}: its files give {shown} the id {number}, and transformers makes "
                f"{specials.get(text)} of it"
            )
    return replace(checkpoint, tokenizer=tokenizer, specials=specials)
