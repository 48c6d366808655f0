"""Product photos and attributes in, checked and publishable product descriptions out.

    engine = productdesc.load_engine()
    description = productdesc.describe(Path("shoe.jpg"), engine, channel="shopify")

Importing this loads nothing: each name is imported when it is first used.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from . import catalogs, photos
    from .engines import (
        HfOptions,
        QwenOptions,
        ScriptedEngine,
        ServerOptions,
        Settings,
        load_engine,
    )
    from .engines.server import ServerEngine
    from .errors import (
        CancelError,
        CatalogError,
        DeadlineError,
        EngineBusyError,
        EngineError,
        FetchError,
        OutputError,
        PhotoError,
        ProductDescError,
        PromptError,
    )
    from .pipeline import (
        Described,
        DescribeOptions,
        Draft,
        Failed,
        Skipped,
        describe,
        describe_many,
    )
    from .pipeline.aio import adescribe, adescribe_many
    from .pipeline.rewriting.rewrites import rewrites
    from .questions import (
        Caption,
        Choice,
        ModerationPolicy,
        ModerationReason,
        ModerationVerdict,
        Question,
        QuestionAnswer,
        ask,
        ask_all,
        caption,
        captions,
        choose,
        choose_all,
        moderate,
    )
    from .records import Description, Evidence, Finding, Product, Variant
    from .style import Style, StyleExample
    from .taxonomy import load_taxonomy

_HOME = {
    "CancelError": "errors",
    "Caption": "questions",
    "CatalogError": "errors",
    "Choice": "questions",
    "DeadlineError": "errors",
    "DescribeOptions": "pipeline",
    "Described": "pipeline",
    "Description": "records",
    "Draft": "pipeline",
    "EngineBusyError": "errors",
    "EngineError": "errors",
    "Evidence": "records",
    "Failed": "pipeline",
    "FetchError": "errors",
    "Finding": "records",
    "HfOptions": "engines",
    "ModerationPolicy": "questions",
    "ModerationReason": "questions",
    "ModerationVerdict": "questions",
    "OutputError": "errors",
    "PhotoError": "errors",
    "Product": "records",
    "ProductDescError": "errors",
    "PromptError": "errors",
    "Question": "questions",
    "QuestionAnswer": "questions",
    "QwenOptions": "engines",
    "ScriptedEngine": "engines",
    "ServerEngine": "engines.server",
    "ServerOptions": "engines",
    "Settings": "engines",
    "Skipped": "pipeline",
    "Style": "style",
    "StyleExample": "style",
    "Variant": "records",
    "adescribe": "pipeline.aio",
    "adescribe_many": "pipeline.aio",
    "ask": "questions",
    "ask_all": "questions",
    "caption": "questions",
    "captions": "questions",
    "catalogs": "catalogs",
    "choose": "questions",
    "choose_all": "questions",
    "describe": "pipeline",
    "describe_many": "pipeline",
    "load_engine": "engines",
    "load_taxonomy": "taxonomy",
    "moderate": "questions",
    "photos": "photos",
    "rewrites": "pipeline.rewriting.rewrites",
}

__all__ = [
    "CancelError",
    "Caption",
    "CatalogError",
    "Choice",
    "DeadlineError",
    "DescribeOptions",
    "Described",
    "Description",
    "Draft",
    "EngineBusyError",
    "EngineError",
    "Evidence",
    "Failed",
    "FetchError",
    "Finding",
    "HfOptions",
    "ModerationPolicy",
    "ModerationReason",
    "ModerationVerdict",
    "OutputError",
    "PhotoError",
    "Product",
    "ProductDescError",
    "PromptError",
    "Question",
    "QuestionAnswer",
    "QwenOptions",
    "ScriptedEngine",
    "ServerEngine",
    "ServerOptions",
    "Settings",
    "Skipped",
    "Style",
    "StyleExample",
    "Variant",
    "__version__",
    "adescribe",
    "adescribe_many",
    "ask",
    "ask_all",
    "caption",
    "captions",
    "catalogs",
    "choose",
    "choose_all",
    "describe",
    "describe_many",
    "load_engine",
    "load_taxonomy",
    "moderate",
    "photos",
    "rewrites",
]


# silent until the caller gives it a handler; see docs/backend.md
logging.getLogger(__name__).addHandler(logging.NullHandler())


if not TYPE_CHECKING:  # else a checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f".{_HOME[name]}", __name__)
        value = module if name == _HOME[name] else getattr(module, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
