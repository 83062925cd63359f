"""The pipe between a box and its host: every message, once, for both ends.

The box's end runs in MicroPython (drivers/host_pipe.py and the drivers), the host's in CPython
(box_message.py): plain numbers and struct formats, nothing imported, little-endian throughout.

From the box: HEAD, then the body. To the box: nothing but the answer to its last question, in
the size that the question implies, without a head.
"""

HEAD = "<BQI"  # kind, the box's time in us since power-on, bytes in the body

# Questions: the box waits for the answer.

SAMPLES = 1  # body: SAMPLES_QUERY; answer: uint8 n, then n blocks of I2S words, see below
LEVELS = 2  # body: LEVELS_QUERY; answer: uint8 n, then n times LEVELS_ANSWER
BLOCKS = 3  # answer: BLOCKS_ANSWER, of the second last asked for by LEVELS
SIDE_CHANNEL = 4  # body: SIDE_CHANNEL_QUERY; answer: SIDE_CHANNEL_ANSWER
TIME = 5  # answer: UNIX_TIME
RESET = 6  # answer: one byte, upon which the box ends
WATCHDOG = 7  # as RESET, when it was not fed in time
POWER_CUT = 14  # as RESET, when the power goes as the scenario has it
PEERS = 15  # answer: PEERS_ANSWER, once the box's peers have done all they will at this time

SAMPLES_QUERY = "<QI"  # first frame since the receiver started, how many a block
LEVELS_QUERY = "<IB"  # second since power-on, at most how many seconds
LEVELS_ANSWER = "<hhhh"  # LAeq, LAFmax, LCeq, LCpeak in 0.1 dB
BLOCKS_ANSWER = "<16h"  # LAeq, LAFmax of each eighth of a second in 0.1 dB
SIDE_CHANNEL_QUERY = "<I"  # second since power-on
SIDE_CHANNEL_ANSWER = "<IhhH"  # see below
UNIX_TIME = "<q"  # s
PEERS_ANSWER = "<q"  # us since power-on: when one of them does something by itself

# A word is an int32, 24 bits left-aligned. Only the first block was asked for: the others, and
# seconds after the first, hold until the box speaks or switches a pin, or asks again.

# What the samples would have shown in the levels tier: until which second (not included) it
# holds, level and span of the rumble in 0.1 dB, the microphone's fault.
FOR_EVER = 0xFFFFFFFF
HEALTHY, STUCK, DEAD, DULL, OVERLOAD = 0, 1, 2, 3, 4

# Notices: there is no answer.

CONSOLE = 8  # body: a line, UTF-8 without its end
SPEECH = 9  # body: RATE, then int16 samples for the amplifier; the time is that of the first
PIN = 10  # body: GPIO, 0 or 1; a byte each
PIXELS = 11  # body: green, red, blue of each LED along the chain
CLOCK_SET = 12  # body: UNIX_TIME, which the board's clock now shows
CHIP_UP = 13  # the interpreter has its drivers, and boot.py is next

RATE = "<I"  # Hz

# The ESP32 counts from 2000, in Unix seconds.
EPOCH_2000 = 946684800

# Parts in a million by which a crystal is fast that is.
FAST_CRYSTAL = 40
