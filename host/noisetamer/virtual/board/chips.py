"""What differs between the chips. Source: esptool 5.6's targets and the ROMs' own boot logs."""

from dataclasses import dataclass

from noisetamer.base.errors import UserError


@dataclass(frozen=True)
class VirtualChip:
    """One chip on its usual module."""

    name: str  # as esptool's --chip takes it
    title: str  # as esptool prints it
    image_id: int  # in the header of an image for it
    magic: int  # what its ROM has at 0x40001000
    has_security_info: bool  # GET_SECURITY_INFO, by which newer chips are identified
    bootloader_at: int  # where in flash the ROM looks for the second-stage bootloader
    flash_MB: int  # of that module, and what the stock image is made for
    psram_MB: int  # of that module
    module: str  # MicroPython's name of the stock image's board
    drom: int  # address of the app's read-only data
    irom: int  # address of the app's code
    dram: int  # an address the bootloader's segment may be loaded to
    spi: int  # base of the flash chip's SPI controller
    spi_usr: int  # offsets in it, as esptool's SPI_USR_OFFS ...
    spi_usr2: int
    spi_w0: int
    uart_divider: int  # register of the console's clock divider
    banner: str  # the ROM's first words after a reset
    download_mode: str
    flash_mode: str
    power_on: str
    watchdog: str  # the reset that ends a failed boot
    software: str  # the reset a program asks for
    build: str  # MicroPython's name of the stock image


ESP32 = VirtualChip(
    name="esp32",
    title="ESP32",
    image_id=0,
    magic=0x00F01D83,
    has_security_info=False,
    bootloader_at=0x1000,
    flash_MB=4,
    psram_MB=0,
    module="Generic ESP32 module with ESP32",
    drom=0x3F400020,
    irom=0x400D0020,
    dram=0x3FFF0030,
    spi=0x3FF42000,
    spi_usr=0x1C,
    spi_usr2=0x24,
    spi_w0=0x80,
    uart_divider=0x3FF40014,
    banner="ets Jul 29 2019 12:21:46\r\n\r\n",
    download_mode="boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))",
    flash_mode="boot:0x13 (SPI_FAST_FLASH_BOOT)",
    power_on="rst:0x1 (POWERON_RESET)",
    watchdog="rst:0x10 (RTCWDT_RTC_RESET)",
    software="rst:0xc (SW_CPU_RESET)",
    build="ESP32_GENERIC",
)

ESP32S3 = VirtualChip(
    name="esp32s3",
    title="ESP32-S3",
    image_id=9,
    magic=0,
    has_security_info=True,
    bootloader_at=0,
    flash_MB=8,
    psram_MB=8,
    module="Generic ESP32S3 module with ESP32S3",
    drom=0x3C0A0020,
    irom=0x42000020,
    dram=0x3FCE2810,
    spi=0x60002000,
    spi_usr=0x18,
    spi_usr2=0x20,
    spi_w0=0x58,
    uart_divider=0x60000014,
    banner="ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n",
    download_mode="boot:0x0 (DOWNLOAD(USB/UART0))",
    flash_mode="boot:0x8 (SPI_FAST_FLASH_BOOT)",
    power_on="rst:0x1 (POWERON)",
    watchdog="rst:0x7 (TG0WDT_SYS_RST)",
    software="rst:0x3 (RTC_SW_SYS_RST)",
    build="ESP32_GENERIC_S3",
)

ESP32C3 = VirtualChip(
    name="esp32c3",
    title="ESP32-C3",
    image_id=5,
    magic=0,
    has_security_info=True,
    bootloader_at=0,
    flash_MB=4,
    psram_MB=0,
    module="Generic ESP32C3 module with ESP32C3",
    drom=0x3C0A0020,
    irom=0x42000020,
    dram=0x3FCD5820,
    spi=0x60002000,
    spi_usr=0x18,
    spi_usr2=0x20,
    spi_w0=0x58,
    uart_divider=0x60000014,
    banner="ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n",
    download_mode="boot:0x4 (DOWNLOAD(USB/UART0/1))",
    flash_mode="boot:0xc (SPI_FAST_FLASH_BOOT)",
    power_on="rst:0x1 (POWERON)",
    watchdog="rst:0x7 (TG0WDT_SYS_RST)",
    software="rst:0x3 (RTC_SW_SYS_RST)",
    build="ESP32_GENERIC_C3",
)

CHIPS = {chip.name: chip for chip in (ESP32, ESP32S3, ESP32C3)}


def named(name: str) -> VirtualChip:
    """The chip of a name, written as esptool's --chip or as esptool prints it."""
    chip = CHIPS.get(name.lower().replace("-", ""))
    if chip is None:
        known = ", ".join(CHIPS)
        raise UserError(f"no virtual board has the chip {name!r}; there is: {known}.")
    return chip
