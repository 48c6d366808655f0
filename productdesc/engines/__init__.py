"""Engines: models that read photos and text and answer in JSON, behind one `Engine`.

Importing this loads no torch and no HTTP; `load_engine` does, once it knows which.
"""

from .conversations import Conversation, ConversationEngine, run
from .known_models import KnownModel, known_models
from .loaders import load_engine
from .options import QwenOptions, ServerLimits, ServerOptions
from .protocol import Answer, Context, Engine, EngineInfo, Prompt, Request, Settings
from .scripted import ScriptedEngine

__all__ = [
    "Answer",
    "Context",
    "Conversation",
    "ConversationEngine",
    "Engine",
    "EngineInfo",
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
]
