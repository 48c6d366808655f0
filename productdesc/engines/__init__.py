"""Engines: models that read photos and text and answer in JSON, behind one `Engine`.

Importing this loads no torch and no HTTP; `load_engine` does, once it knows which.
"""

from .conversations import Arrival, Arrivals, Conversation, Ended
from .known_models import KnownModel, known_models
from .loaders import load_engine
from .options import HfOptions, QwenOptions, ServerLimits, ServerOptions
from .protocol import (
    FREE_TEXT,
    Answer,
    Context,
    Engine,
    EngineInfo,
    Prompt,
    Request,
    Settings,
)
from .scripted import ScriptedEngine
from .serving import ConversationEngine, run, serve

__all__ = [
    "FREE_TEXT",
    "Answer",
    "Arrival",
    "Arrivals",
    "Context",
    "Conversation",
    "ConversationEngine",
    "Ended",
    "Engine",
    "EngineInfo",
    "HfOptions",
    "KnownModel",
    "Prompt",
    "QwenOptions",
    "Request",
    "ScriptedEngine",
    "ServerLimits",
    "ServerOptions",
    "Settings",
    "known_models",
    "load_engine",
    "run",
    "serve",
]
