"""What lines of a trace come to."""

from noisetamer.simulate.summary import Tally, summarise


def summed_up(lines, simulated_s=60, wall_s=0.5):
    """The summary of these lines, each unit's in order of time."""
    units: dict[str, Tally] = {}
    for line in lines:
        units.setdefault(line["unit"], Tally(line["unit"])).add(line)
    return summarise([units[name] for name in sorted(units)], simulated_s, wall_s)
