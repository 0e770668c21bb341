"""Writing, reading and checking the trail.

Each entry's hash covers its fields and the hash of the entry before (canonical JSON, SHA-256), so that a changed,
swapped, removed or inserted row breaks the chain. It is written in the transaction of the change that it tells of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, models, transaction
from django.utils import timezone

from audit import names
from audit.models import Entry, EntryQuerySet, Head
from sopdesk.lib.canonical import canonical_json, sha256_hex
from sopdesk.lib.merging import Saver

FORMAT = 1
GENESIS = "0" * 64


class UnknownName(ValueError):
    """The event is not listed in `audit.names`."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event to be recorded; the fields are the arguments of `record`."""

    name: str
    actor: models.Model | None
    subject: models.Model
    procedure_code: str = ""
    data: Mapping[str, object] | None = None
    reason: str = ""


def record(
    name: str,
    *,
    actor: models.Model | None,
    subject: models.Model,
    procedure_code: str = "",
    data: Mapping[str, object] | None = None,
    reason: str = "",
) -> Entry:
    """Append one event to the trail, inside the caller's transaction.

    `actor` is the person who acted, None for the system. `data` holds what is worth keeping in plain JSON values
    (old and new values, numbers, hashes; never secrets). Raises UnknownName for a name that is not in `audit.names`
    and TransactionManagementError outside `atomic()`.
    """
    happening = Happening(name, actor, subject, procedure_code=procedure_code, data=data, reason=reason)
    return record_many([happening])[0]


def record_many(happenings: Sequence[Happening]) -> list[Entry]:
    """Append events in their order, as `record` does each."""
    for happening in happenings:
        if happening.name not in names.ALL:
            raise UnknownName(happening.name)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an entry is written in the transaction of its change")
    head = lock_head()
    entries = []
    for happening in happenings:
        entry = _entry(happening, after=head)
        head.seq, head.hash = entry.seq, entry.hash
        entries.append(entry)
    Entry.objects.bulk_create(entries)
    head.save(update_fields=["seq", "hash"])
    return entries


def _entry(happening: Happening, *, after: Head) -> Entry:
    actor, subject = happening.actor, happening.subject
    entry = Entry(
        seq=after.seq + 1,
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        actor_label=str(actor)[:254] if actor else "sopdesk",
        name=happening.name,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:254],
        procedure_code=happening.procedure_code,
        data=dict(happening.data or {}),
        reason=happening.reason,
        format=FORMAT,
        previous_hash=after.hash,
    )
    entry.hash = entry_hash(entry)
    return entry


def entry_hash(entry: Entry) -> str:
    """The SHA-256 that `entry` must carry, from its other fields."""
    return sha256_hex(
        canonical_json(
            {
                "format": entry.format,
                "seq": entry.seq,
                "at": entry.at,
                "actor": entry.actor_id,
                "actor_label": entry.actor_label,
                "name": entry.name,
                "subject": [entry.subject_type, entry.subject_id, entry.subject_label],
                "procedure": entry.procedure_code,
                "data": entry.data,
                "reason": entry.reason,
                "previous": entry.previous_hash,
            }
        )
    )


def last_hash() -> str:
    """The hash of the last entry, empty before the first: while it stays the same, nothing was recorded."""
    return Head.objects.filter(pk=1).values_list("hash", flat=True).first() or ""


def entries_for(subject: models.Model) -> EntryQuerySet:
    """The trail of one object, oldest first."""
    return Entry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


def entries_of_procedure(code: str) -> EntryQuerySet:
    """Everything that happened to the procedure `code` and its revisions, oldest first."""
    return Entry.objects.filter(procedure_code=code)


def saver_of(subject: models.Model, key: str, **data: object) -> Saver:
    """Who last changed the value that entries of `subject` hold under `key`, among those with `data` beside it."""
    beside = {f"data__{name}": value for name, value in data.items()}
    last = entries_for(subject).filter(data__has_key=key, **beside).last()
    return Saver(last.actor_label, last.at) if last else Saver()


def values_noted(key: str, *, events: Sequence[str]) -> set[object]:
    """What the entries of `events` hold under `key` in their data."""
    return set(Entry.objects.filter(name__in=events).order_by().values_list(f"data__{key}", flat=True))


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the trail is not what it was when it was written."""

    seq: int
    what: str


AT_ONCE = 2000


def faults(*, after: int = 0, hash_there: str = GENESIS) -> Iterator[Fault]:
    """Walk the chain in constant memory and yield what does not fit, first fault first.

    after: begin behind this entry, whose hash was `hash_there` when it was signed.
    """
    expected_seq, previous = after + 1, hash_there
    for entry in _entries_after(after):
        if entry.seq != expected_seq:
            yield Fault(expected_seq, f"entry {expected_seq} is missing; the next one is {entry.seq}")
        if entry.previous_hash != previous:
            yield Fault(entry.seq, "does not follow the entry before it")
        if entry.hash != entry_hash(entry):
            yield Fault(entry.seq, "has been changed since it was written")
        expected_seq, previous = entry.seq + 1, entry.hash
    head = Head.objects.filter(pk=1).first() or Head(seq=0, hash=GENESIS)
    found = expected_seq - 1
    if found < head.seq:
        yield Fault(expected_seq, f"the trail ends here, but {head.seq} entries were written")
    elif found > head.seq:
        yield Fault(head.seq + 1, f"was not written by sopdesk: the trail was noted to end with entry {head.seq}")
    elif head.hash != previous:
        yield Fault(head.seq, "is not the end that was noted")


def _entries_after(seq: int) -> Iterator[Entry]:
    """Every entry behind number `seq` in order, some thousand rows in memory at a time."""
    while True:
        rows = list(Entry.objects.filter(seq__gt=seq).order_by("seq")[:AT_ONCE])
        yield from rows
        if len(rows) < AT_ONCE:
            return
        seq = rows[-1].seq


def head_of_trail() -> Head:
    """The end of the trail: how many entries there are, and the hash of the last one. The subject of what is done with
    the whole trail."""
    return Head.objects.filter(pk=1).first() or Head(pk=1, seq=0, hash=GENESIS)


def hash_of(seq: int) -> str:
    """The hash of the entry `seq`, empty when there is none."""
    return Entry.objects.filter(seq=seq).values_list("hash", flat=True).first() or ""


def entries() -> EntryQuerySet:
    """The whole trail, oldest first. Who may see which entries is for the apps above to say."""
    return Entry.objects.all()


def lock_head() -> Head:
    """The end of the trail, which stays the end until the caller's transaction has written or ended."""
    return Head.objects.select_for_update().get_or_create(pk=1, defaults={"seq": 0, "hash": GENESIS})[0]


def sequence_exists(seq: int) -> bool:
    """Whether the trail holds an entry with this number."""
    return Entry.objects.filter(seq=seq).exists()
