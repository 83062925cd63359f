"""What is played to the microphone of a virtual board."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Sound pressure at the microphone in Pa, float32[n], of n frames at 48 kHz from a frame on.
Sound = Callable[[int, int], "NDArray[np.float32]"]
