import board

from tamer import settings, unit

unit.run(board.make(), settings.load())
