"""Messages between `compare_models` and the process of one model; they are pickled."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...engines import EngineInfo, Settings
from ...engines.options import EngineOptions
from ..task import Sample
from ..tasks.vqa import VqaFiles


@dataclass(frozen=True, slots=True)
class Load:
    """Load a model; answered by `Loaded`.

    `origins`, `ca`, `insecure`: of a model behind a server, see `NetworkAccess`.
    `key_variable` names the environment's variable with its key: a secret is not pickled.
    """

    name: str | None
    options: EngineOptions | None = None
    settings: Settings = field(default_factory=Settings)
    origins: tuple[str, ...] = ()
    ca: Path | None = None
    insecure: bool = False
    key_variable: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready, after so many seconds."""

    info: EngineInfo
    parameters: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a question about a photo; answered by `Answered`."""

    photo: Path
    question: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the seconds that the model took; of a photo that fails, `error`.

    The photo is decoded before the clock starts.
    """

    photo: str
    text: str
    seconds: float
    tokens: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class AskVqa:
    """Answer the questions of VQA v2, the first `limit`; answered by a list of samples."""

    files: VqaFiles
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class AskPeak:
    """Answered by `Peak`."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The most memory so far, in bytes: of the process, and of its accelerator if any."""

    process: int
    accelerator: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be done."""

    reason: str


Question = Load | Ask | AskVqa | AskPeak
Result = Loaded | Answered | list[Sample] | Peak | Failure
