"""What starts a box and carries it back: it never changes over the air, only by cable."""

import hashlib

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE

# As the boxes have them that take releases of this form. Who changes one of these files makes a
# firmware that boxes in the field do not have: such boxes are flashed by cable, and this table is
# the record of that.
ON_BOXES = {
    "main.py": "5d869c0903ea3976e60a470cc9f0075e3f9c774f66271c8f27666068dadc1ae5",
    "first.py": "a6043d42216db0377323e37ec4b2189f2d9be3827e0800cf3fc0ec5aa578657e",
    "factory.py": "c4e5e62508d390dcf6af094135bf543700d024cdaa2505603176a573ed175522",
}


def changed() -> list[str]:
    """Those that are not here as they are on boxes."""
    return [
        name
        for name, digest in ON_BOXES.items()
        if hashlib.sha256((FIRMWARE / name).read_bytes()).hexdigest() != digest
    ]


def must_be_as_on_boxes() -> None:
    """Raises UserError."""
    if names := changed():
        raise UserError(
            f"Another file than on the boxes that take releases: {', '.join(names)}. What starts "
            "a box never changes over the air: flash them by cable (noisetamer flash), or go back "
            "to what they have."
        )
