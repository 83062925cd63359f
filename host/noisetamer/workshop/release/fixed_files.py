"""What starts a box and carries it back: it never changes over the air, only by cable."""

import hashlib

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE

# As the boxes have them that take releases of this form. Who changes one of these files makes a
# firmware that boxes in the field do not have: such boxes are flashed by cable, and this table is
# the record of that.
ON_BOXES = {
    "main.py": "5d869c0903ea3976e60a470cc9f0075e3f9c774f66271c8f27666068dadc1ae5",
    "first.py": "615bc1dd184ea03e32a28126addb68fd5fd1c232e9090e6fc05d4f9596706711",
    "factory.py": "797e99103008ac819b5668c09433179ad697745896c4c24de71cfb36d2c56287",
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
