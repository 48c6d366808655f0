"""Text read on a product's photos, for prompts and checks: what can be trusted of it.

photos --TextReader--> lines --injection--> lines that may be quoted, and findings
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...checks.injection.read_lines import trusted_lines
from ...errors import PhotoError
from ...photos.ocr.text_reader import TextReader, reader_name, shared_reader
from ...records import Finding, Photo, ReadText
from ...words.injection import injection_words

__all__ = ["FACT_LINES", "FactLines", "read_texts", "reads_as"]


class FactLines(NamedTuple):
    """Which of the lines that were read become facts."""

    min_score: float = 0.9  # of the lines below two in five are wrong (pack_text.py)
    most: int = 40  # of a product; a prompt is read by small models too


FACT_LINES = FactLines()


def read_texts(
    photos: Sequence[Photo], *, reader: TextReader | None = None
) -> tuple[tuple[ReadText, ...], list[Finding]]:
    """The lines that may be quoted as facts, and what there is to say of the others.

    A photo whose text cannot be read is a finding; raises `EngineError` where no photo's
    can.
    """
    reader = reader or shared_reader()
    lines: list[ReadText] = []
    findings: list[Finding] = []
    for number, photo in enumerate(photos, start=1):
        try:
            read = reader.read(photo)
        except PhotoError as e:
            message = f"text on photo {number} was not looked for: {e}"
            findings.append(Finding(code="text-unread", field="photos", message=message))
            continue
        lines += [line.model_copy(update={"photo": number}) for line in read]
    trusted, told = trusted_lines(lines)
    sure = [line for line in trusted if line.score >= FACT_LINES.min_score]
    return tuple(sure[: FACT_LINES.most]), [*findings, *told]


def reads_as() -> str:
    """What shapes the lines, for the key of a draft. Raises `EngineError` without `ocr`."""
    return f"{reader_name()}, {FACT_LINES}, {injection_words.digest()}"
