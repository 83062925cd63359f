"""What the unit has to say: batches and events into the journal, onto the console, to the hub."""

from tamer.judge import ladder
from tamer.record import encoding, events
from tamer.tell import console

_BATCH = 10  # Seconds in one record

# Of the ladder's effects, those that are told; their fields are the event's, in that order.
KINDS = {
    ladder.Stage: "stage",
    ladder.Dealt: "dealt",
    ladder.WarningOutcome: "outcome",
    ladder.Escalation: "hand-over",
    ladder.Relapse: "relapse",
    ladder.Sudden: "sudden",
}


class Reporter:
    """Writes down, in the order it happened, what must reach the hub."""

    def __init__(self, records, policy_hash, on_console):
        """`records`: the journal. `policy_hash`: of the policy by which the unit decides.

        `on_console`: print every Second and event on the serial console.
        """
        self._records = records
        self._policy_hash = policy_hash
        self._on_console = on_console
        self._batch = []
        self._link = None

    def use(self, link):
        """Tell the hub too, by this Link."""
        self._link = link

    def keep(self, second):
        """One Second, for the next record."""
        if self._batch and second.t != self._batch[-1].t + 1:
            self._close_batch()
        self._batch.append(second)
        if len(self._batch) == _BATCH:
            self._close_batch()

    def show(self, second, stage, limit, speaking, bands, budget=None):
        """The live number, for whoever watches. `bands`: LZ of each, or None. `budget`: as
        SoundBudget tells it, or None."""
        if self._link and self._link.watched():
            self._link.now(second, stage, limit, speaking, bands, budget)
        if self._on_console:
            console.second(second, stage, limit, speaking, bands)

    def effect(self, t, effect):
        """An effect of the ladder; those that nobody is told of are left out."""
        kind = KINDS.get(type(effect))
        if kind:
            self.event(t, kind, *effect)

    def event(self, t, kind, *values):
        """Something that happened at Unix time t, or at an undated one.

        values: of its fields as in `events.KINDS`, None for one that it lacks, without the
        policy.
        """
        fields = events.named(kind, *values)
        if events.KINDS[kind][-1] == "policy":
            fields["policy"] = self._policy_hash
        self.fields(t, kind, fields)

    def fields(self, t, kind, fields):
        """An event whose fields have their names already."""
        # What was heard before it goes first.
        self._close_batch()
        self._records.append(encoding.EVENT, t, encoding.of_event(kind, fields))
        if self._on_console:
            console.event(t, kind, fields)
        self._tell()

    def flush(self):
        """Everything heard is on flash when it returns."""
        self._close_batch()

    def _close_batch(self):
        """Put the batch on flash; the seconds in it are then safe from a power cut."""
        if not self._batch:
            return
        code, payload = encoding.shortest(self._batch)
        self._records.append(code, self._batch[0].t, payload)
        self._batch = []
        self._tell()

    def _tell(self):
        if self._link:
            self._link.wake()
