"""How long the hub's streams are silent before they say that the hub is there."""

import pytest

from noisetamer.hub import live
from noisetamer.hub.web import signs_of_life


def heartbeat(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """From now on. On a machine that stands still a sign of life comes before the news."""
    for module in (live, signs_of_life):
        patch.setattr(module, "HEARTBEAT_SECONDS", seconds)
