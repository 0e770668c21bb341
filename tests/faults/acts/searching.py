from procedures.actions import searches, synonyms
from procedures.models import SearchRecord, SynonymGroup
from roles.errors import NotValid
from sopdesk.lib.errors import Missing
from sopdesk.lib.merging import BothChanged, base_of
from tests.faults.table import ANOTHER, NOTHING, act, call

# What people search for --------------------------------------------------------------------------------------


def search(firm, words):
    return searches.note_search(words, actor=firm.staff, results=0, complete=0)


@act(searches.note_search, second=ANOTHER)
def note_search(firm):
    return call("company car", actor=firm.staff, results=0, complete=0)


@act(searches.note_search, second=ANOTHER)
def note_two_searches(firm):
    return [call(words, actor=firm.staff, results=3, complete=1) for words in ("company car", "parking place")]


@act(searches.note_outcome, second=NOTHING)
def note_outcome(firm):
    return call(search(firm, "bicycle"), actor=firm.staff, opened=True)


@act(searches.ignore_search, second=NOTHING)
def ignore_search(firm):
    search(firm, "lunch menu")
    return call(SearchRecord.objects.get(typed="lunch menu").form, actor=firm.author)


@act(searches.heed_search, second=Missing)
def heed_search(firm):
    search(firm, "coffee")
    return call(searches.ignore_search("coffe", actor=firm.author), actor=firm.author)


# Synonyms ----------------------------------------------------------------------------------------------------


def make_group(firm, *words):
    return synonyms.add_synonyms(actor=firm.administrator, fields={"language": "en", "phrases": "\n".join(words)})


@act(synonyms.add_synonyms, second=NotValid)
def add_synonyms(firm):
    return call(actor=firm.administrator, fields={"language": "en", "phrases": "tram\nstreetcar"})


@act(synonyms.change_synonyms, second=NOTHING)
def change_synonyms(firm):
    return call(make_group(firm, "lift", "elevator"), actor=firm.administrator, fields={"phrases": "lift\nhoist"})


@act(synonyms.change_synonyms, second=BothChanged)
def change_synonyms_differently(firm):
    group = make_group(firm, "lorry", "truck")
    base = base_of({"phrases": "lorry\ntruck"})
    texts = ("lorry\ntruck\nvan", "lorry\nwagon")
    return [call(group, actor=firm.administrator, fields={"phrases": text}, base=base) for text in texts]


@act(synonyms.remove_synonyms, second=Missing)
def remove_synonyms(firm):
    return call(make_group(firm, "torch", "flashlight"), actor=firm.administrator)


@act(synonyms.restore_starter_synonyms, second=NOTHING)
def restore_starter_synonyms(firm):
    group = SynonymGroup.objects.exclude(starter="").order_by("pk").first()
    if group is not None:  # after a test with real transactions all of the list is missing
        synonyms.remove_synonyms(group, actor=firm.administrator)
    return call(actor=firm.administrator)


@act(synonyms.import_synonyms, second=NOTHING)
def import_synonyms(firm):
    return call([(2, "en", "tap, faucet"), (3, "fr", "robinet, vanne")], actor=firm.administrator)
