"""From a blank board on a USB port to a unit: steps, each looked at before it is done."""
