"""Turn formats: how each family of models writes a conversation; no template runs.

The formats are the published ones, written here; a checkpoint's own chat template is never
read, so it cannot run or change anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TurnFormat:
    """The text around a system prompt, photos and a user's text.

    `user` opens a user turn, `after_system` one that follows a system prompt, `again` one
    that follows a reply and its `reply_end`, a special token. `bare` stands before a text
    without photos. `photo_end` stands behind each photo, `label` before each of several,
    with its number. `reply` ends the user's turn and opens the reply.
    """

    system: tuple[str, str]
    user: str
    after_system: str
    again: str
    reply: str
    reply_end: str
    bare: str = ""
    photo_end: str = ""
    label: str = ""

    def first(self, system: str, text: str, photos: Sequence[str]) -> str:
        """The first turn, to where the reply begins; no system turn for ""."""
        before, after = self.system
        opening = f"{before}{system}{after}{self.after_system}" if system else self.user
        return opening + self._said(text, photos, 0)

    def next(self, text: str, photos: Sequence[str], photos_before: int) -> str:
        """What follows a reply: its end, and the next turn."""
        return self.reply_end + self.again + self._said(text, photos, photos_before)

    def _said(self, text: str, photos: Sequence[str], before: int) -> str:
        labelled = len(photos) + before > 1
        shown = "".join(
            (self.label.format(number) if labelled else "") + photo + self.photo_end
            for number, photo in enumerate(photos, start=before + 1)
        )
        return f"{shown or self.bare}{text}{self.reply}"


# The published chat template of Qwen2-VL; two or more photos are labelled.
QWEN = TurnFormat(
    system=("<|im_start|>system\n", "<|im_end|>\n"),
    user="<|im_start|>user\n",
    after_system="<|im_start|>user\n",
    again="\n<|im_start|>user\n",
    reply="<|im_end|>\n<|im_start|>assistant\n",
    reply_end="<|im_end|>",
    label="Picture {}: ",
)
# transformers' pages on LLaVA and LLaVA-NeXT: one format a language model.
VICUNA = TurnFormat(
    system=("", " "),
    user="USER: ",
    after_system="USER: ",
    again="USER: ",
    reply=" ASSISTANT:",
    reply_end="</s>",
    photo_end="\n",
)
MISTRAL = TurnFormat(
    system=("[INST] ", "\n\n"),
    user="[INST] ",
    after_system="",
    again="[INST] ",
    reply=" [/INST]",
    reply_end="</s>",
    photo_end="\n",
)
CHATML = TurnFormat(
    system=("<|im_start|>system\n", "<|im_end|>"),
    user="<|im_start|>user\n",
    after_system="<|im_start|>user\n",
    again="<|im_start|>user\n",
    reply="<|im_end|><|im_start|>assistant\n",
    reply_end="<|im_end|>",
    photo_end="\n",
)
LLAMA3 = TurnFormat(
    system=("<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>"),
    user="<|start_header_id|>user<|end_header_id|>\n\n",
    after_system="<|start_header_id|>user<|end_header_id|>\n\n",
    again="<|start_header_id|>user<|end_header_id|>\n\n",
    reply="<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    reply_end="<|eot_id|>",
    photo_end="\n",
)
# The published chat templates of Idefics3 and SmolVLM; the latter begins with a token.
IDEFICS = TurnFormat(
    system=("System: ", "<end_of_utterance>\n"),
    user="User:",
    after_system="User:",
    again="\nUser:",
    reply="<end_of_utterance>\nAssistant:",
    reply_end="<end_of_utterance>",
    bare=" ",
)
SMOLVLM = TurnFormat(
    system=("<|im_start|>System: ", "<end_of_utterance>\n"),
    user="<|im_start|>User:",
    after_system="User:",
    again="\nUser:",
    reply="<end_of_utterance>\nAssistant:",
    reply_end="<end_of_utterance>",
    bare=" ",
)
# The published chat template of Gemma 3: the system prompt stands in the first user turn.
GEMMA = TurnFormat(
    system=("<start_of_turn>user\n", "\n\n"),
    user="<start_of_turn>user\n",
    after_system="",
    again="\n<start_of_turn>user\n",
    reply="<end_of_turn>\n<start_of_turn>model\n",
    reply_end="<end_of_turn>",
)

PickFormat = Callable[[Any, Mapping[str, int]], TurnFormat]
"""The format of a checkpoint, by its configuration and its special tokens."""


def always(turn_format: TurnFormat) -> PickFormat:
    return lambda config, specials: turn_format


def of_language_model(config: Any, specials: Mapping[str, int]) -> TurnFormat:
    """The format of a LLaVA, which is that of the language model within."""
    if "<|im_start|>" in specials:
        return CHATML
    if "<|start_header_id|>" in specials:
        return LLAMA3
    return MISTRAL if config.get_text_config().model_type == "mistral" else VICUNA
