"""Everything that can go wrong, in one tree.

    ProductDescError            root: catch this for anything of ours
    ├── PhotoError              this product's photo cannot be used
    ├── OutputError             this product cannot be answered, or its answer not used
    ├── FetchError              one guarded HTTP exchange was refused or failed
    ├── PromptError             a template or schema is wrong: every product would fail
    ├── EngineError             the model cannot be loaded or run: every product would fail
    │   └── EngineBusyError     too many calls wait for the model: try later
    ├── CatalogError            a shop or a file cannot be read or written
    ├── JournalError            a job's journal cannot be opened or written
    │   ├── ClashError          a draft is not what was seen any more
    │   └── NotThereError       a job has no such product, photo or decision
    ├── DeadlineError           the call's deadline passed
    └── CancelError             the caller cancelled the call

`describe_many` returns the first two and the last two as `Failed` and goes on;
`PromptError`, `EngineError`, `CatalogError` and `JournalError` stop the run.
A `FetchError` reaches the caller only as the cause of a `PhotoError` or a `CatalogError`.
Wrong use of the API is `ValueError` or `TypeError`, never one of these.

A message names the thing, the reason and the number, and says what to do. It is one line
that is safe to print and to log, whatever the strangers that it quotes wrote.
"""

from .text.printable import message_line

__all__ = [
    "CancelError",
    "CatalogError",
    "ClashError",
    "DeadlineError",
    "EngineBusyError",
    "EngineError",
    "FetchError",
    "JournalError",
    "NotThereError",
    "OutputError",
    "PhotoError",
    "ProductDescError",
    "PromptError",
]


class ProductDescError(Exception):
    """The root of every error this library raises on purpose.

    Its message is one printable line of a bounded length, of every class below as well.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(message_line(a) if isinstance(a, str) else a for a in args))

    def __str__(self) -> str:
        return message_line(super().__str__())  # of an exception given as the message too


class PhotoError(ProductDescError):
    """A photo that cannot be fetched, decoded or used; the message says which and why."""


class OutputError(ProductDescError):
    """A product too large to ask about, or an answer that cannot be made into its copy."""


class FetchError(ProductDescError):
    """A guarded HTTP exchange that was refused by policy or failed.

    `retryable` is True when the same request may succeed later (timeouts, 429, 5xx).
    `sent` is False when no byte of the request can have left: what it asked for was not
    done. Where it is True, a write may have been carried out without an answer.
    """

    def __init__(
        self, message: str, *, retryable: bool = False, sent: bool = False
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.sent = sent


class PromptError(ProductDescError):
    """A template that cannot be found or rendered, or a schema no answer can be held to."""


class EngineError(ProductDescError):
    """A model that cannot be loaded or run."""


class EngineBusyError(EngineError):
    """A model for which too many calls wait already; nothing was begun, so try later."""


class CatalogError(ProductDescError):
    """A shop or a file that cannot be read or written."""


class JournalError(ProductDescError):
    """A job's journal that cannot be opened, read or written; nothing committed is lost."""


class ClashError(JournalError):
    """A draft is not the one that was seen any more; nothing was decided."""


class NotThereError(JournalError):
    """A job has no such product, photo or decision."""


class DeadlineError(ProductDescError):
    """A product that was not done when its call's deadline passed."""


class CancelError(ProductDescError):
    """A product that was not done when its call was cancelled."""
