"""Shows what `show` in the settings lists: text, stage, heartbeat."""

import board
import machine

from tamer import settings
from tamer.act.panel import Panel

panel = Panel(board.make().matrix)
for text, stage, beat in settings.load()["show"]:
    panel.show(text, stage, beat)

# What was told to the square waits until the square is asked something.
machine.reset()
