"""What measuring takes of a core, by count: instructions a sample become a share of it here and
nowhere else. Pure.

    share = instructions a sample * samples a second * cycles an instruction / clock
"""

RATE = 48000

# Hz. MicroPython 1.29's images for our chips leave ESP-IDF's 160 MHz; those of an ESP32-S3
# with octal PSRAM set 240 (boards/sdkconfig.240mhz).
CLOCK = 160_000_000
FASTER_CLOCK = 240_000_000

# Instructions a sample at 48 kHz, counted on an emulator and limits of its tests: without an
# equaliser, of fixed point and viper on Xtensa; on RISC-V they are fewer.
KERNELS = {"fpu": 50, "fixed": 78, "int": 813}
BANKS = {
    "octaves": {"fpu": 62, "fixed": 150, "int": 1388},
    "third-octaves": {"fpu": 152, "fixed": 396, "int": 3614},
}

# What each shelf of the equaliser adds; the FPU's kernel always runs as many as it has room for.
SHELF_OF_KERNEL = {"fpu": 0, "fixed": 14, "int": 129}
SHELF_OF_BANK = {"fpu": 5, "fixed": 11, "int": 130}

# Cycles an instruction, least and most. FPU: from others' published times of such loops.
# Integers: assumed, nobody has measured it.
CYCLES = {"fpu": (3.1, 3.9), "fixed": (1.0, 1.4), "int": (1.0, 1.4)}

# The rest is for Wi-Fi, judging, the panel and a second that is told.
MOST = 0.6


def share(name, instructions, clock=CLOCK, rate=RATE):
    """Least and most of a core that code of that name takes, 1 being all of it."""
    least, most = CYCLES[name]
    second = instructions * rate / clock
    return least * second, most * second


def instructions(bands, kernel, bank, shelves=0):
    """(of a kernel, of a bank or none), by their names, with so many shelves."""
    of_kernel = KERNELS[kernel] + shelves * SHELF_OF_KERNEL[kernel]
    return of_kernel, BANKS[bands][bank] + shelves * SHELF_OF_BANK[bank] if bands else 0


def together(bands, kernel, bank, clock=CLOCK, shelves=0):
    """Least and most of a core that both take."""
    of_kernel, of_bank = instructions(bands, kernel, bank, shelves)
    least, most = share(kernel, of_kernel, clock)
    more = share(bank, of_bank, clock)
    return least + more[0], most + more[1]


def refusal(bands, kernel, bank, clock=CLOCK, shelves=0):
    """One sentence why a chip has no time for bands, "" where it has."""
    least, most = together(bands, kernel, bank, clock, shelves)
    if most <= MOST:
        return ""
    lighter = together("octaves", kernel, bank, clock, shelves)[1] <= MOST
    return (
        '"bands": "%s" takes %d instructions a sample with the kernel, %d to %d %% of a core at'
        " %d MHz, and %d %% are there: set it to %s, or take a board with an ESP32-S3"
        % (
            bands,
            sum(instructions(bands, kernel, bank, shelves)),
            int(100 * least + 0.5),
            int(100 * most + 0.5),
            clock // 1000000,
            int(100 * MOST + 0.5),
            '"octaves"' if lighter and bands != "octaves" else "null",
        )
    )
