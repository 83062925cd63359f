"""The steps of a unit, in their order. `start` comes last: it leaves the firmware running."""

from noisetamer.workshop.flash import steps
from noisetamer.workshop.flash.steps import Step

STEPS = (
    Step("image", steps.look_at_image),
    Step("firmware", steps.look_at_firmware),
    Step("identity", steps.look_at_identity),
    Step("setup", steps.look_at_setup),
    Step("start", steps.look_at_start),
)
