"""The server engine: any server that speaks OpenAI's chat completions.

    Request -> messages (turns, photos), response_format (the schema as it is sent)
    bytes -> endpoint (HTTP, busy, deadline) -> replies (what they mean)
    reply -> conform (does it fit? closing what was cut) -> Answer      (engine)

None of it imports torch.
"""

from .engine import ServerEngine

__all__ = ["ServerEngine"]
