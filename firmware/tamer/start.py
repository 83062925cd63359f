"""From a chip that has just started to a unit at work: what needs memory in one piece first."""

import gc
import sys

import machine

from tamer import unload

# As many as a box ever has at a time.
_MODULES = 110


def run(files):
    """For ever. `files`: {name: what is wrong with it} of those that were not as flashed; the
    exception, where that could not be found out."""
    sys.modules.pop("first", None)
    # The table of modules grows in one piece: here, and not when an order needs some more.
    for i in range(_MODULES):
        sys.modules[i] = None  # type: ignore
    for i in range(_MODULES):
        del sys.modules[i]  # type: ignore
    if isinstance(files, Exception):
        files = _mended(files)
    # Garbage goes often while code comes that will stay, or it would lie between the garbage and
    # leave no room in one piece.
    gc.collect()
    gc.threshold(8192)

    import board

    from tamer import hardware

    # The board's buffers come before whatever else wants memory, our own code included.
    made = hardware.make(board.BOARD)
    # What is used but once goes again.
    sys.modules.pop("board")
    unload("tamer", "board", "hardware")
    del board, hardware

    from tamer import failed_starts, saved_orders, saved_release, settings
    from tamer.judge import calendar
    from tamer.record.aggregates import Aggregates

    failed = failed_starts.count(made.memory, made.reset)
    asked, wrong = settings.load(memory=made.memory)
    if failed >= failed_starts.MANY:
        wrong = "starts failed again and again: only some of it is used"
        asked = settings.plain(asked, failed < failed_starts.MOST)
    if wrong:
        files["settings.json"] = wrong
    wrong = settings.mend_authority(asked["hub"], made.memory)
    if wrong:
        files["hub.der"] = wrong
    policy = pending = fault = None
    _, n, verb = saved_orders.load(made.memory)
    of_release = verb == "update" or saved_release.load(made.memory).phase
    if of_release:
        try:
            from tamer import trial

            feed = made.watchdog.feed
            path = asked["policy"]
            policy, pending = trial.resume(n, failed, path, made.memory, feed, _shut_to_others)
            del trial
        except Exception as wrong:
            # A trial comes to its end without it (first.py).
            files["release"] = str(wrong) or "no memory"
    elif n and asked["policy"]:
        from tamer import pending_order

        policy, pending = pending_order.resume(n, verb, failed, asked["policy"])
        del pending_order
    running = saved_release.running(made.memory)
    if policy is None:
        policy, fault = settings.load_policy(asked["policy"], made.memory)
    settings.unload_readers()
    unload("tamer", "settings", "kept_file", "pending_order", "trial")
    unload("tamer", "saved_orders", "saved_release")
    del settings, saved_orders, saved_release

    # So do the bins of hours and days: later there is no room for them in one piece.
    aggregates = Aggregates(lambda t: calendar.place(policy.clock, policy.hours, t), policy.hours)

    from tamer import unit

    gc.threshold(-1)
    if failed:
        unit.asyncio.create_task(failed_starts.prove(made.memory))
    else:
        unload("tamer", "failed_starts")
    del failed_starts
    unit.run(made, asked, policy, fault, aggregates, files, pending, running)


def _shut_to_others():
    """Why this firmware could be given no other release, in words; None where it could."""
    try:
        # First: whatever fails then, the packages of what is let go are there.
        from tamer.tell import orders  # isort: skip

        from tamer import obey, release_check, update

        del obey, release_check, update, orders
    except MemoryError:
        # It was loaded as far as there was room, and has a trial to show the rest.
        pass
    except Exception as wrong:
        return str(wrong)
    finally:
        unload("tamer", "obey", "release_check", "update")
        unload("tamer.tell", "orders", "transfer")
        unload("tamer.record", "orders", "release")
    return None


def _mended(wrong):
    """What first.py would have found, had it not raised `wrong`."""
    try:
        import factory

        found = factory.mend(machine.WDT(timeout=8000).feed)
        found.setdefault("first.py", str(wrong))
        return found
    except Exception as again:
        return {"factory.py": str(again)}
    finally:
        sys.modules.pop("factory", None)
