"""What words are: folded for comparison, freed of typed numbers, read as an order, told apart by language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

STEP_WORD = re.compile(
    r"^(?:step|etape|stap|passo|etapa|schritt)\s*(?:n[o°]?\s*)?(?P<number>\d+(?:\.\d+)*[a-z]?)\b\s*[:.)\-–—]*\s*",
    re.IGNORECASE,
)
NUMERAL = re.compile(r"^\(?(?P<number>\d+(?:\.\d+)*[a-z]?)(?:[.):]+|\s*[-–—](?=\s)|(?<=\d\.\d)|(?<=\d\.\d\d))\s*(?=\D)")
ROMAN = re.compile(r"^(?P<number>[IVX]{1,5})[.)]\s+")
_KEYCAP = re.compile(r"^(?P<number>\d)\ufe0f?\u20e3\s*")

_VERBS = frozenset(
    """
    accept access acknowledge activate add adjust agree align allocate allow analyse analyze announce annotate append
    apply appoint approve archive arrange ask assemble assess assign attach attend audit authorise authorize avoid back
    backup balance be begin block book bring browse build calculate calibrate call cancel capture carry centrifuge
    change charge check choose claim clean clear click clone close collect combine come communicate compare compile
    complete compress confirm configure connect consider consult contact continue convert copy correct count create cut
    debug decide declare define delete deliver deploy describe determine develop dilute disable disconnect discuss
    display dispose distribute do document donate download draft drag draw drop dry edit eject email empty enable
    encode encrypt end enrol enroll ensure enter escalate establish estimate evaluate examine execute export extract
    file fill filter finalise finalize find finish fix follow format forward gather generate get give go grant handle
    help hold identify implement import improve incubate inform initiate insert inspect install instruct invite
    invoice issue join keep know label launch learn leave let list load locate lock log login look lower maintain
    make manage mark measure meet merge migrate mix monitor mount move name navigate negotiate note notify obtain open
    order organise organize override pack pay perform pick place plan plug post pour prepare press prevent print
    prioritise prioritize proceed process produce promote propose provide publish pull purchase push put quantify
    raise read rebase reboot receive reconcile record recover refer register reject release reload relocate
    remove rename renew reopen repeat replace report request rerun reset resolve respond restage restart restore
    resume resuspend retain retire retrieve return reveal review revoke rinse roll rotate run save scan schedule
    score seal search secure select send separate serve set shake share ship shut sign sort specify spin start state
    stop store submit subscribe supply suspend switch sync tag take target tell terminate test track train transfer
    triage turn type unblock understand undo uninstall unlock unmount unplug unzip update upgrade upload use validate
    verify visit wait warn wash watch wear weigh wipe withdraw work write zip
    """.split()
)
# Nouns as often as verbs: they need an object behind them to be taken for an order.
_AMBIGUOUS = frozenset(
    """
    access audit back backup balance book bring call cause change charge check claim contact copy count cut design
    display document draft drop email end estimate experience file filter fix format handle help hold interview issue
    label list load lock log login look mark measure name note order pack place plan plug post press process produce
    promote purchase push record refer release report request research reset return review roll run sample scan
    schedule score seal search secure set share ship sign sort spin start state stop store supply support switch sync
    tag target test track train transfer turn type update upgrade use visit wait wash watch work backup triage
    """.split()
)
_OBJECT_OPENERS = frozenset(
    """
    a an the your our their its all any each every both this that these those if whether to for with on in at from as
    up down out off into onto back through over new existing old one two three and it them
    """.split()
)
_FRENCH_INFINITIVE = re.compile(r"^(?:s'|se )?[a-z']{2,}(?:er|ir|oir|re|ndre|ttre)$")
_FRENCH_ORDER = re.compile(r"^[a-z]{2,}ez$")
_FRENCH_NOT_VERBS = frozenset(
    """
    premier premiere dernier derniere papier dossier atelier courrier calendrier metier chantier panier cahier fichier
    hier fer mer cher leger entier particulier autre notre votre titre cadre lettre chiffre offre oeuvre genre livre
    nombre membre ordre regle centre contre entre encore faire-part plaisir souvenir avenir pouvoir devoir rappel
    heure facture signature mesure procedure ouverture cloture fermeture lecture structure nature chez assez
    formulaire inventaire stagiaire commentaire salaire titulaire horaire partenaire questionnaire glossaire sommaire
    octobre septembre novembre decembre semestre trimestre registre parametre critere matiere maniere filtre
    """.split()
)
_DUTCH_PORTUGUESE_INFINITIVE = re.compile(r"^(?:[a-z]{3,}(?:ar|er|ir)|[a-z]{3,}en)$")

_FEWEST_STOP_WORDS = 2
_STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset("the and of to in is that for you your with this are be on if will not or as by from it".split()),
    "fr": frozenset(
        "le la les des et est pour vous votre dans une un du que qui sur avec ou par pas ce cette aux sont au".split()
    ),
    "nl": frozenset("de het een en van in is dat voor met op te zijn wordt worden niet je bij naar als aan om".split()),
    "pt": frozenset("de que os as um uma para com em do da no na dos das se por mais seu sua voce nao ou ao".split()),
    "de": frozenset("der die das und ist zu den mit von fur auf ein eine nicht sie wird werden dem im des".split()),
    "es": frozenset("el los las que un una para con en del por se su al es como mas si o y lo la".split()),
}

_PUNCTUATION = re.compile(r"[^\w\s'&().#°º:/+-]+")


def fold(text: str) -> str:
    """Lower case without accents, emoji and repeated spaces; a typographic apostrophe becomes a straight one."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("&amp;", "&"))
    plain = "".join(char for char in plain if not unicodedata.combining(char) and unicodedata.category(char) != "So")
    return " ".join(_PUNCTUATION.sub(" ", plain.casefold()).split())


def strip_numeral(title: str) -> tuple[str, str]:
    """Part a typed number from a title: "8.1. Send it" → ("8.1", "Send it"), "Step 2: go" → ("2", "go").

    The number is "" where there is none. A title that is only a number or "Step 3" keeps its text.
    """
    bare = title.strip()
    for pattern in (STEP_WORD, _KEYCAP, NUMERAL, ROMAN):
        match = pattern.match(unaccented(bare))
        if match and len(bare) > match.end():
            return match["number"], bare[match.end() :].strip()
    return "", bare


def unaccented(text: str) -> str:
    """The text without accents and of the same length, so that positions found in it hold in the original."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFD", char)[0] for char in text)


def has_step_word(title: str) -> bool:
    """True for "Step 3 …", "Étape 2 …" and the like."""
    return bool(STEP_WORD.match(unaccented(title.strip())))


def reads_as_action(title: str, language: str, *, gerund: bool = False) -> bool:
    """True when a heading begins like an instruction: an imperative or, where the language uses it, an infinitive.

    With `gerund`, English titles such as "Creating the key" count as well.
    """
    words = re.findall(r"[a-z']+", fold(strip_numeral(title)[1]))
    if len(words) < 2:
        return bool(words) and words[0] in _VERBS - _AMBIGUOUS and language == "en"
    first, second = words[0], words[1]
    if language == "fr":
        verb = _FRENCH_INFINITIVE.match(first) or _FRENCH_ORDER.match(first)
        return bool(verb) and first not in _FRENCH_NOT_VERBS
    if language in ("nl", "pt", "es"):
        return bool(_DUTCH_PORTUGUESE_INFINITIVE.match(first) or _DUTCH_PORTUGUESE_INFINITIVE.match(words[-1]))
    if gerund and first.endswith("ing") and len(first) > 5:
        return True
    return first in _VERBS and (first not in _AMBIGUOUS or second in _OBJECT_OPENERS)


def detect_language(words: Mapping[str, int]) -> str:
    """The two-letter code of the language whose commonest words occur most among `words`; "en" when hardly any does."""
    plain: Counter[str] = Counter()
    for word, number in words.items():
        plain[unaccented(word)] += number
    scores = {language: sum(plain[word] for word in stop) for language, stop in _STOP_WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= _FEWEST_STOP_WORDS else "en"
