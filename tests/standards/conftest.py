import pytest

from noisetamer.sound.kernels import emulator


@pytest.fixture(scope="session")
def qemu() -> None:
    """Machine code runs; without qemu-xtensa the test says that it was not run."""
    if not emulator.available():
        pytest.skip("qemu-xtensa is not installed (Debian: qemu-user)")
