"""What of a policy's values cannot be together. Pure."""

from tamer.judge.area_limits import LIMITS

_SHIPPED_CLASS = {"GB 3096-2008": "2", "GB 22337-2008": "2", "GB 12523-2025": ""}

_MOST_ARMS = 8


def compare(done, faults):
    """Add the faults of what `schema` has read, without what is at fault already."""
    _compare_area(done["area"], faults)
    hours = done["hours"]
    if "day_from" in hours and hours["day_from"] == hours.get("night_from"):
        faults.append("hours.night_from: is the same as day_from; one of them must differ")
    for name in ("trigger", "amber"):
        over, of = done[name].get("over"), done[name].get("of")
        if over is not None and of is not None and over > of:
            faults.append("%s.over: is more than %s.of; at most as many" % (name, name))
    for name in ("venue", "allowed", "volume"):
        for i, entry in enumerate(done[name], 1):
            if "from" in entry and entry["from"] == entry.get("to"):
                faults.append(
                    '%s[%d].to: is the same as from; all day is "00:00" to "24:00"' % (name, i)
                )
    for i, entry in enumerate(done["quiet"], 1):
        if "from" in entry and entry.get("to", entry["from"]) < entry["from"]:
            faults.append("quiet[%d].to: is a day before from" % i)
    _compare_arms(done["trial"], done, faults)


def _compare_area(area, faults):
    if "standard" not in area or "class" not in area:
        return
    standard, known = area["standard"], LIMITS[area["standard"]]
    if area["class"] is None:
        area["class"] = _SHIPPED_CLASS[standard]
    if area["class"] not in known:
        names = ", ".join([name for name in sorted(known) if name])
        advice = "known are " + names if names else "it knows no classes, leave the key out"
        faults.append('area.class: "%s" is not in %s; %s' % (area["class"], standard, advice))


def _compare_arms(trial, done, faults):
    """A trial changes what the policy allows, and each of its arms changes it otherwise."""
    name, arms = trial.get("name"), trial["arm"]
    if len(arms) == 1 or (name and not arms):
        faults.append("trial.arm: a trial has 2 arms to %d, each a [[trial.arm]]" % _MOST_ARMS)
    elif len(arms) > _MOST_ARMS:
        faults.append("trial.arm: there are %d; at most %d" % (len(arms), _MOST_ARMS))
    if arms and name == "":
        faults.append("trial.name: is missing; incidents are told by it")
    least = done["speaking"].get("least_gap", 0)
    known = []
    for i, arm in enumerate(arms, 1):
        where = "trial.arm[%d]." % i
        if arm.get("name") in [""] + [each.get("name") for each in arms[: i - 1]]:
            faults.append(where + "name: each arm has a name of its own")
        if (arm.get("gap") or least) < least:
            faults.append(where + "gap: is less than speaking.least_gap, %d s" % least)
        if arm.get("polite") and done["polite"].get("times") == 0:
            faults.append(where + "polite: is never said, polite.times is 0")
        does = [arm.get(key) for key in ("after", "polite", "firm", "gap")]
        if does in known:
            faults.append(where + "name: does the same as arm %d" % (known.index(does) + 1))
        known.append(does)
