"""The network: prompts read and replies decoded by `generate`, over KV caches.

No state of a conversation is kept on the module. A cache is made anew for each call from
the keys and values that a context holds, so no conversation changes another's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from .families import Family
from .image_inputs import for_network
from .reply_rows import KeptPrompt, Layers, ReplyRow, choosing, ending


class HfNetwork:
    """A loaded image-text network, and its family."""

    def __init__(
        self, module: Any, device: torch.device, dtype: torch.dtype, family: Family
    ) -> None:
        self._module = module
        self.device = device
        self.dtype = dtype
        self._family = family
        self.config = module.config
        text = module.config.get_text_config()
        self.image_token: int = module.config.image_token_id
        self.max_tokens: int = text.max_position_embeddings
        heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
        width = getattr(text, "head_dim", None) or (
            text.hidden_size // text.num_attention_heads
        )
        self.bytes_per_token: int = (
            2 * text.num_hidden_layers * heads * width * dtype.itemsize
        )
        self.vocab_size: int = module.get_output_embeddings().weight.shape[0]

    def read(
        self, before: KeptPrompt, ids: Sequence[int], pixels: Mapping[str, Any]
    ) -> KeptPrompt:
        """Read a conversation's tokens but for the last; `before` is read already.

        `ids` are all of them. `pixels` are of the photos among those not read yet.
        """
        whole = torch.tensor([ids[:-1]], device=self.device)
        cache = self._cache([before], before.tokens)
        inputs = for_network(pixels, self.device, self.dtype)
        types = (whole == self.image_token).long()
        if self._family.token_types:
            inputs[self._family.token_types] = types
        grids, ahead = before.grids, before.ahead
        if self._family.has_mrope:
            new = inputs.get("image_grid_thw")
            known = [one for one in (grids, new) if one is not None]
            grids = torch.cat(known) if known else None
            inputs["position_ids"], ahead = self._positions(whole, types, grids)
        self._generate(whole, cache, torch.ones_like(whole), max_new_tokens=1, **inputs)
        return KeptPrompt(_layers(cache, 0, 0, whole.shape[1]), grids, ahead)

    def decode(
        self, rows: Sequence[ReplyRow], prompts: Sequence[KeptPrompt]
    ) -> list[Layers]:
        """Decode every row to its end; what each has read by then, nothing where it ends.

        Each row's first token to read is the last of its prompt. Rows of unlike length are
        padded on the left.
        """
        past = max(prompt.tokens for prompt in prompts)
        cache = self._cache(prompts, past)
        mask = torch.zeros(len(rows), past + 1, dtype=torch.long, device=self.device)
        for at, prompt in enumerate(prompts):
            mask[at, past - prompt.tokens :] = 1
        first = torch.tensor([[row.last_of_prompt] for row in rows], device=self.device)
        inputs: dict[str, Any] = {}
        if self._family.has_mrope:
            text = torch.tensor([[prompt.tokens] for prompt in prompts], device=self.device)
            ahead = torch.tensor([[prompt.ahead] for prompt in prompts], device=self.device)
            inputs["position_ids"] = torch.stack([text, *[text + ahead] * 3])
        self._generate(
            first,
            cache,
            mask,
            logits_processor=[choosing(rows)],
            stopping_criteria=[ending(rows)],
            max_new_tokens=self.max_tokens,
            **inputs,
        )
        return [
            ()
            if row.ends or not row.finish
            else _layers(cache, at, past - prompt.tokens, prompt.tokens + row.read)
            for at, (row, prompt) in enumerate(zip(rows, prompts, strict=True))
        ]

    def _generate(
        self, ids: Tensor, cache: Any, mask: Tensor, *, max_new_tokens: int, **inputs: Any
    ) -> None:
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        config = GenerationConfig(
            max_new_tokens=max_new_tokens, do_sample=False, pad_token_id=0, use_cache=True
        )
        for name, kind in (
            ("logits_processor", LogitsProcessorList),
            ("stopping_criteria", StoppingCriteriaList),
        ):
            if name in inputs:
                inputs[name] = kind(inputs[name])
        self._module.generate(
            input_ids=ids,
            cache=cache,
            attention_mask=mask,
            generation_config=config,
            **inputs,
        )

    def _cache(self, prompts: Sequence[KeptPrompt], tokens: int) -> Any:
        """A cache of these prompts, one a row, padded on the left to so many tokens.

        Every layer keeps all tokens, also one that looks at the last of them only: the mask
        is what says how far it looks.
        """
        from transformers import DynamicCache

        cache = DynamicCache()
        for number in range(len(prompts[0].layers) if tokens else 0):
            rows = [
                [
                    pad(side, (0, 0, tokens - prompt.tokens, 0))
                    for side in prompt.layers[number]
                ]
                for prompt in prompts
            ]
            keys, values = (torch.cat(sides) for sides in zip(*rows, strict=True))
            cache.update(keys, values, number)
        return cache

    def _positions(
        self, ids: Tensor, types: Tensor, grids: Tensor | None
    ) -> tuple[Tensor, int]:
        """Positions (4, 1, tokens): of the text, and in time, height and width."""
        text = torch.arange(ids.shape[1], device=ids.device)[None]
        if grids is None:
            return text.expand(4, 1, -1), 0
        places, ahead = self._module.model.get_rope_index(
            ids, mm_token_type_ids=types, image_grid_thw=grids
        )
        return torch.cat([text[None], places]), int(ahead)


def _layers(cache: Any, row: int, start: int, length: int) -> Layers:
    """A copy of one row of a cache: so many tokens, from one on."""
    part = (slice(row, row + 1), slice(None), slice(start, start + length))
    return tuple(
        (layer.keys[part].clone(), layer.values[part].clone()) for layer in cache.layers
    )
