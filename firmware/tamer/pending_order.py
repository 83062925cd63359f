"""An order that was not done when the box started: cut short, or what it restarted for.

A new policy is on trial: the old one stays until the box has lived by the new one for a while, and
comes back if it does not.
"""

import asyncio
import gc
import os

from tamer import kept_file, saved_orders, unload
from tamer.saved_orders import POLICY, STAGE

TRIAL = "trial"
# In place of the verb: from here on the new one holds, wherever its file is.
_PROVED = "policy proved"
_PROVEN = 15  # s
_TRIES, _AGAIN = 8, 5  # s between two of them, for want of memory
# As `failed_starts` counts: this start was asked for, so one is no failure.
_FAILED = 2


def resume(n, verb, failed, path):
    """(Policy on trial or None, (n, verb, result, why, detail)) of the order; the result of a
    policy on trial is TRIAL.

    `failed`: what failed starts count (tamer.failed_starts). `path`: of the policy.
    """
    _remove(STAGE)
    if verb == _PROVED:
        try:
            return None, (n, "policy") + _take_its_place(path)
        except OSError as wrong:
            return None, (n, "policy", "refused", "failed", str(wrong))
    if verb == "restart":
        return None, (n, verb, "done", None, None)
    if verb != "policy":
        return None, (n, verb, "refused", "cut", None)
    policy, why, detail = _tried(failed)
    if policy is None:
        _remove(POLICY)
        return None, (n, verb, "refused", why, detail)
    return policy, (n, verb, TRIAL, None, policy.hash[:12])


def _tried(failed):
    """(policy or None, why not, what exactly)."""
    if POLICY[1:] not in os.listdir("/"):
        return None, "cut", None
    if failed >= _FAILED:
        return None, "failed", "the box did not live by it"
    from tamer.judge import policy

    found, fault, _ = kept_file.read(POLICY, None, "policy", policy.MOST_BYTES, policy.read)
    return found, "spoilt", fault


async def settle(order, path, memory, tell, health=None, flush=None):
    """Tell what became of it, once; a policy that has proved itself takes its place at `path`.

    `tell(n, verb, result, why, detail)`: the event. `health`, `flush`: of a release (tamer.trial).
    """
    n, verb, result, why, detail = order
    was_on_trial = result == TRIAL
    if verb == "update":
        trial = await _loaded()
        if result == TRIAL:
            result, why, detail = await trial.settle(memory, path, health, flush)
    elif result == TRIAL:
        await asyncio.sleep(_PROVEN)
        try:
            saved_orders.save(memory, saved_orders.load(memory)[0], n, _PROVED)
            result, why, _ = _take_its_place(path)
        except OSError:
            # The flash takes nothing: the next start tries it once more, and tells.
            return
    tell(n, verb, result, why, detail)
    try:
        saved_orders.save(memory, saved_orders.load(memory)[0])
        if verb == "update":
            trial = await _loaded()
            await trial.told(memory, was_on_trial, flush)
    except OSError:
        # Then the next start tells it again.
        pass
    unload("tamer", "pending_order", "saved_orders", "trial", "saved_release", "kept_file")


async def _loaded():
    """tamer.trial. Raises MemoryError, where it has no room after a while either."""
    for _ in range(_TRIES):
        try:
            from tamer import trial

            return trial
        except MemoryError:
            # The heap is in pieces now; in a while they are others.
            await asyncio.sleep(_AGAIN)
            gc.collect()
    raise MemoryError


def _take_its_place(path):
    """(result, why, detail) of a policy that has proved itself. Raises OSError."""
    if POLICY[1:] in os.listdir("/"):
        os.rename(POLICY, path)
    return "done", None, None


def _remove(path):
    try:
        os.remove(path)
    except OSError:
        pass
