"""CPU features: which matrix products this processor and this torch have at full speed."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class CpuFeatures:
    """The dtypes that a CPU multiplies at full speed; float32 is always one of them.

    int8: x86 with VNNI; elsewhere such products are a hundred times slower, or cut at 16
    bits. int8_weights: a few tokens of bfloat16 with weights of int8, x86 with AVX2.
    """

    bfloat16: bool
    float16: bool
    int8: bool
    int8_weights: bool

    @classmethod
    def detect(cls) -> CpuFeatures:
        """The features of this processor, as far as this torch uses them."""
        has_operators = hasattr(torch.ops.onednn, "qlinear_pointwise")
        return cls(
            bfloat16=_onednn_says("_is_mkldnn_bf16_supported"),
            float16=_onednn_says("_is_mkldnn_fp16_supported"),
            int8=has_operators and bool(torch.cpu._is_vnni_supported()),
            int8_weights=torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512"),
        )

    def multiplies(self, dtype: torch.dtype) -> bool:
        """Whether products of this floating dtype are as quick as those of float32."""
        if dtype == torch.bfloat16:
            return self.bfloat16
        if dtype == torch.float16:
            return self.float16
        return True


def _onednn_says(question: str) -> bool:
    operator = getattr(torch.ops.mkldnn, question, None)  # oneDNN may not be built in
    return operator is not None and bool(operator())
