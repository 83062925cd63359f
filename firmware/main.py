import board

# The board's buffers come before whatever else wants memory, our own code included.
made = board.make()

from tamer import settings, unit  # noqa: E402

unit.run(made, settings.load())
