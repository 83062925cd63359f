"""What a diagnosis says: one sentence for the fault, one for the fix. Pure."""

from collections import namedtuple

# code: a few words, stable. wrong: what is wrong; fix: what to do; a sentence each.
Finding = namedtuple("Finding", ("code", "wrong", "fix"))

SENTENCES = {
    "no data": (
        "No samples arrive at all.",
        "Check the SCK and WS wires and pin numbers, then restart the box.",
    ),
    "channels swapped": (
        "The sound is in the other slot of the I2S frame; the expected one is empty.",
        "Tie the microphone's L/R pin to GND for left or 3V3 for right, or choose the other slot.",
    ),
    "floating channel": (
        "Nobody drives the data line for the chosen slot; it only picks up stray voltage.",
        "Tie the L/R pin to GND or 3V3, check the SD wire, and fit 100 kOhm from SD to GND.",
    ),
    "all zeros": (
        "Every word is zero.",
        "Check 3V3 and the SD wire, and that L/R selects the slot that is read (GND: left).",
    ),
    "all ones": (
        "Every bit is one: the data line is held high.",
        "Look for a short from SD to 3V3, and check SCK, WS and the microphone's GND.",
    ),
    "stuck data": (
        "The same data comes again and again while time goes on.",
        "Power the microphone off and on; if it stays, check SCK and WS and replace it.",
    ),
    "16 bits": (
        "The words carry only 16 bits of sound in a frame of 32.",
        "Set the I2S receiver to bits=32; in 16-bit mode the quiet end of the range is lost.",
    ),
    "each sample twice": (
        "Each sample comes twice in a row.",
        "Read with bits=32, and MONO where the reader takes one channel; then check the rate.",
    ),
    "shifted left": (
        "The words are shifted left by one bit: all reads 6 dB too high and wraps when loud.",
        "Choose this microphone's own profile (SPH0645) or shift each word right by one bit.",
    ),
    "shifted right": (
        "The words are shifted right by one bit: levels are wrong, the sign may be lost.",
        "Set the I2S receiver to the Philips format, in which data begin one clock after WS.",
    ),
    "loose wire": (
        "The data break off or jump within one sample, as a loose contact makes them.",
        "Reseat or solder SD, SCK, WS and GND, keep the wires under 15 cm, and pull at each.",
    ),
    "low byte": (
        "The low byte is not zero: after 24 bits nobody drives the line.",
        "Drop the low 8 bits (the meter does) and fit 100 kOhm from SD to GND.",
    ),
    "wrong rate": (
        "{} samples arrive in a second where {} were asked for.",
        "Check the rate and the clock setting; if the rate is right, the reader loses samples.",
    ),
    "dead microphone": (
        "There is data, but far below any microphone's own noise: the capsule is dead.",
        "Check the microphone's supply, then replace it.",
    ),
    "clipping": (
        "The tops of the wave are cut off.",
        "Move the box away from the loudspeaker, or fit a microphone that bears more.",
    ),
    "DC offset": (
        "The signal stands {} % of full scale beside zero.",
        "Wait 1 s after power-up; if it stays, check 3V3 and replace the microphone.",
    ),
    "dull microphone": (
        "The treble is weaker than this microphone's own noise: it is wet or blocked.",
        "Let it dry, clean the port and the windscreen; if it stays dull, replace the microphone.",
    ),
    "noise floor": (
        "The noise floor is far above the microphone's own noise.",
        "Feed the microphone from a linear 3V3 regulator, away from the LED supply, and restart.",
    ),
}


def finding(code, *values):
    """The Finding of a code of SENTENCES; `values`: the numbers in its first sentence."""
    wrong, fix = SENTENCES[code]
    return Finding(code, wrong.format(*values), fix)
