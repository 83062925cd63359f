"""The registers esptool reads and writes: eFuses, console clock, the flash chip's controller.

Addresses and bit fields are those of esptool 5.6's targets (read_mac, get_chip_features,
run_spiflash_command ...). What is not listed reads 0.
"""

from noisetamer.virtual.board.chips import ESP32, ESP32C3, ESP32S3, VirtualChip

_MAGIC = 0x40001000

# SPI commands of the flash chip.
_READ_ID, _READ_SFDP = 0x9F, 0x5A
_SFDP_SIGNATURE = 0x50444653

_SPI_GO = 1 << 18

_CRYSTAL_HZ = 40_000_000

# By MB what an ESP32-S3's eFuses say of the PSRAM in its package.
_PSRAM_CODES = {0: 0, 2: 2, 4: 4, 8: 1, 16: 3}


def parse_mac(mac: str) -> bytes:
    """Six bytes of "aa:bb:cc:dd:ee:ff"."""
    return bytes.fromhex(mac.replace(":", ""))


class Registers:
    """One chip's. `baud` is what its console runs at."""

    def __init__(self, chip: VirtualChip, mac: bytes, jedec_id: int, psram_MB: int):
        self.baud = 115200
        self._chip = chip
        self._jedec_id = jedec_id
        self._words = {_MAGIC: chip.magic, **_FUSES[chip.name](mac, psram_MB)}

    def read(self, address: int) -> int:
        """The 32-bit word at an address."""
        if address == self._chip.uart_divider:
            return _CRYSTAL_HZ // self.baud
        return self._words.get(address, 0)

    def write(self, address: int, value: int, mask: int) -> None:
        """Change the bits in `mask`; a started SPI command has then run."""
        self._words[address] = (self.read(address) & ~mask) | (value & mask)
        if address == self._chip.spi and value & _SPI_GO:
            self._run_spi_command()

    def _run_spi_command(self) -> None:
        spi = self._chip.spi
        command = self.read(spi + self._chip.spi_usr2) & 0xFF
        address = self.read(spi + 4)
        answer = 0
        if command == _READ_ID:
            answer = self._jedec_id
        elif command == _READ_SFDP and address == 0:
            answer = _SFDP_SIGNATURE
        self._words[spi + self._chip.spi_w0] = answer
        self._words[spi] = 0


def _esp32(mac: bytes, psram_MB: int) -> dict[int, int]:
    # An ESP32-D0WD-V3, revision 3.1. Its PSRAM is a chip of its own, in no eFuse.
    fuses = 0x3FF5A000
    return {
        fuses + 0x04: int.from_bytes(mac[2:], "big"),
        fuses + 0x08: int.from_bytes(mac[:2], "big"),
        fuses + 0x0C: 1 << 9 | 1 << 13 | 1 << 15,  # package 1, 240 MHz, revision
        fuses + 0x10: 0x80,  # the 8 MHz clock's frequency, with the next but one: 40 MHz
        fuses + 0x14: 1 << 20 | 1 << 24,  # revision, major and minor
        0x3FF6607C: 1 << 31,  # revision, major
        0x3FF5F06C: 800 << 7,  # the slow clock's calibration
    }


def _esp32s3(mac: bytes, psram_MB: int) -> dict[int, int]:
    block_1, block_2 = 0x60007044, 0x6000705C
    large_enough = (size for size in _PSRAM_CODES if size >= psram_MB)
    psram = _PSRAM_CODES[min(large_enough, default=max(_PSRAM_CODES))]
    return {
        block_1: int.from_bytes(mac[2:], "big"),
        block_1 + 0x04: int.from_bytes(mac[:2], "big"),
        block_1 + 0x0C: 2 << 18 | 3 << 24,  # revision v0.2
        # By AP, 3.3 V; the flash is a chip of its own.
        block_1 + 0x10: (psram & 3) << 3 | bool(psram) << 7,
        block_1 + 0x14: (psram >> 2) << 19,
        block_2 + 0x10: 1,
    }


def _esp32c3(mac: bytes, psram_MB: int) -> dict[int, int]:
    block_1 = 0x60008844
    return {
        block_1: int.from_bytes(mac[2:], "big"),
        block_1 + 0x04: int.from_bytes(mac[:2], "big"),
        block_1 + 0x0C: 4 << 18,  # revision v0.4
    }


_FUSES = {ESP32.name: _esp32, ESP32S3.name: _esp32s3, ESP32C3.name: _esp32c3}
