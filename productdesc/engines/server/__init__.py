"""A model on a server, any that speaks OpenAI's chat completions.

    Request -> messages (turns, photos), schemas (what the server is told)
    bytes -> endpoint (HTTP, busy, deadline) -> answers (what it means)
    reply -> fitting (does it fit? closing what was cut) -> Answer      (engine)

None of it imports torch.
"""

from .engine import ServerEngine
from .limits import ServerLimits

__all__ = ["ServerEngine", "ServerLimits"]
