import gc

# Garbage goes often while code comes that will stay, or it would lie between the garbage and
# leave no room in one piece.
gc.threshold(8192)

import board  # noqa: E402

from tamer import hardware  # noqa: E402

# The board's buffers come before whatever else wants memory, our own code included.
made = hardware.make(board.BOARD)
hardware.unload()
del board, hardware

from tamer import clock, settings  # noqa: E402
from tamer.judge import calendar  # noqa: E402
from tamer.record.aggregates import Aggregates  # noqa: E402

asked, wrong = settings.load(memory=made.memory)
files = {"settings.json": wrong} if wrong else {}
policy, fault = settings.load_policy(asked["policy"], made.memory)

# So do the bins of hours and days: later there is no room for them in one piece.
utc_offset, _, _ = calendar.stretch(policy.clock, clock.now())
aggregates = Aggregates(utc_offset, policy.hours)

from tamer import unit  # noqa: E402

gc.threshold(-1)
unit.run(made, asked, policy, fault, aggregates, files)
