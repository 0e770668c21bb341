"""What a change set consists of, and the manifest over which it is signed."""

from collections.abc import Iterable

from procedures.models import ChangeSet, ChangeSetItem, Revision, Round
from sopdesk.lib.canonical import canonical_json, sha256_hex


def change_set_of(round: Round) -> ChangeSet | None:
    """The change set to which `round` belongs; no query where `set_item__change_set` was read with it."""
    try:
        return round.set_item.change_set
    except ChangeSetItem.DoesNotExist:
        return None


def rounds_in(change_set: ChangeSet) -> list[Round]:
    """The rounds of `change_set` by code, each with its revision; one query."""
    rounds = Round.objects.filter(set_item__change_set=change_set)
    rounds = rounds.select_related("revision__procedure__department__head", "revision__procedure__owner")
    return list(rounds.order_by("revision__procedure__code"))


def manifest_of(rounds: Iterable[Round]) -> list[dict[str, object]]:
    """Code, number and content hash of every revision, by code: exactly what is hashed and signed."""
    rows: list[dict[str, object]] = [
        {"code": round.revision.procedure.code, "number": round.revision.number, "content_hash": round.content_hash}
        for round in rounds
    ]
    return sorted(rows, key=lambda row: str(row["code"]))


def manifest_hash(rounds: Iterable[Round]) -> str:
    """SHA-256 of the manifest in canonical JSON."""
    return sha256_hex(canonical_json(manifest_of(rounds)))


def lock_together(revision: Revision) -> list[Revision]:
    """`revision` itself, and those that share its fate because they are in a change set with its latest round; all
    locked in one order until the end of the transaction."""
    last = revision.rounds.order_by("-number").first()
    change_set = change_set_of(last) if last else None
    pks = {revision.pk}
    if change_set is not None:
        pks |= set(change_set.items.values_list("round__revision_id", flat=True))
    locked = Revision.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk")
    others = [other for other in locked.select_related("procedure__owner") if other.pk != revision.pk]
    return [revision, *others]
