"""What a board file says: a board's pins and parts, named and nothing made. Pure.

`tamer.hardware` makes the hardware of it; on the host `noisetamer board` checks it, draws it and
`noisetamer flash` learns chip and image from it. Pins are GPIO numbers.
"""

from tamer.act.matrix import columns_there_and_back
from tamer.hear.kernel.profile import Profile

VOICE_RATE = 16000  # Hz, of every message


class I2SMicrophone:
    """A digital microphone, left channel."""

    def __init__(self, *, profile: Profile, sck: int, ws: int, sd: int, i2s: int = 0):
        """`profile`: of a file in microphones/. `i2s`: number of the chip's peripheral."""
        self.profile = profile
        self.sck = sck
        self.ws = ws
        self.sd = sd
        self.i2s = i2s


class I2SAmplifier:
    """An amplifier with an I2S input, and its loudspeaker."""

    def __init__(self, *, sck: int, ws: int, sd: int, i2s: int = 1):
        """`i2s`: number of the chip's peripheral."""
        self.sck = sck
        self.ws = ws
        self.sd = sd
        self.i2s = i2s


class LEDMatrix:
    """A panel of RGB LEDs on one data line, WS2812B unless said otherwise."""

    def __init__(
        self,
        *,
        data: int,
        width: int,
        height: int,
        order=columns_there_and_back,
        pixel_mA: tuple = (12, 12, 12),
        idle_mA: float = 1,
    ):
        """`width`, `height`: LEDs. `order`: a function of both, as those of tamer.act.matrix; it
        gives each LED's place on the chain.

        `pixel_mA`: of a red, a green and a blue LED fully on. `idle_mA`: of one dark pixel.
        """
        self.data = data
        self.width = width
        self.height = height
        self.order = order
        self.pixel_mA = pixel_mA
        self.idle_mA = idle_mA


class Lamp:
    """What switches the spotlight, lit while its pin is high."""

    def __init__(self, *, control: int, soft: bool = False):
        """`soft`: a MOSFET, which may be driven by PWM and then lights up softly; else a relay."""
        self.control = control
        self.soft = soft


class WeatherInstruments:
    """Contacts to GND: of cups that give pulses, of a sensor that closes in rain."""

    def __init__(
        self, *, cups: int | None = None, per_pulse: float = 0.0, rain: int | None = None
    ):
        """`per_pulse`: wind at one pulse a second, m/s. Either instrument may be missing."""
        self.cups = cups
        self.per_pulse = per_pulse
        self.rain = rain


class CurrentBudget:
    """What the supply gives and each part takes at worst, mA at 5 V."""

    def __init__(
        self,
        *,
        supply: int,
        module: int,
        LEDs: int,
        microphone: int,
        amplifier: int = 0,
        relay: int = 0,
        other: int = 0,
    ):
        """`module`: the radio sends. `LEDs`: the firmware keeps the panel within it.

        `amplifier`: a message at its loudest. `relay`: it pulls.
        """
        self.supply = supply
        self.module = module
        self.LEDs = LEDs
        self.amplifier = amplifier
        self.microphone = microphone
        self.relay = relay
        self.other = other


class Board:
    """All of a board. A part that is None is not there."""

    def __init__(
        self,
        *,
        chip: str,
        module: str,
        flash_MB: int,
        image: str,
        version: str,
        microphone: I2SMicrophone,
        matrix: LEDMatrix,
        budget_mA: CurrentBudget,
        psram_MB: int = 0,
        psram: str | None = None,
        sha256: str | None = None,
        speaker: I2SAmplifier | None = None,
        spotlight: Lamp | None = None,
        weather: WeatherInstruments | None = None,
        watchdog_ms: int = 8000,
    ):
        """`chip`: as esptool's --chip takes it. `module`: its name in a catalogue.

        `flash_MB`, `psram_MB`: the least the firmware runs on. `psram`: how it is wired, "quad"
        or "octal". `image`: of MicroPython, a file name on micropython.org; `version`: of it;
        `sha256`: where it is pinned. `watchdog_ms`: a box that hangs for so long is reset.
        """
        self.chip = chip
        self.module = module
        self.flash_MB = flash_MB
        self.psram_MB = psram_MB
        self.psram = psram
        self.image = image
        self.version = version
        self.sha256 = sha256
        self.microphone = microphone
        self.speaker = speaker
        self.matrix = matrix
        self.spotlight = spotlight
        self.weather = weather
        self.budget_mA = budget_mA
        self.watchdog_ms = watchdog_ms
