"""The expressions of French that `french` and `french_rewriting` look for."""

import re

L = "a-zà-öø-ÿœ"
ETRE = (
    r"(?:est|sont|était|étaient|sera|seront|serait|seraient|soit|soient|fut|furent|fût|être|été|étant|suis|es|sommes"
    r"|êtes|serez|serons)"
)
ADVERBS = (
    r"(?:\s+(?:pas|jamais|toujours|bien|déjà|aussi|puis|ensuite|alors|donc|enfin|plus|encore|tous|toutes|tout"
    rf"|eux-mêmes|d['’]abord|également|souvent|parfois|[{L}]+ment))*"
)
WORD = re.compile(rf"[{L}]+(?:-[{L}]+)*", re.IGNORECASE)
NO_LETTERS = re.compile(r"[^A-Za-zÀ-ÿœŒ￼]*")
PARTICIPLE_IN_E = re.compile(r"(.+)ée?s?$")

# Passive voice -----------------------------------------------------------------------------------------------

REFLEXIVE = re.compile(
    r"(?:\b(?:se|me|te)\s+|\b[smt]['’]|\b(?:nous|vous)\s+(?=(?:sommes|êtes)\b)|s['’]en\s+)$", re.IGNORECASE
)
AVOIR = re.compile(
    r"\b(?:a|ai|as|ont|avait|avaient|aura|auront|aurait|auraient|ait|aient|ayant|avoir|avez|avons)\b"
    rf"(?:\s+[{L}’']+){{0,2}}\s*$",
    re.IGNORECASE,
)
# What asks for a state rather than an action: « une fois que le formulaire est signé », « vérifier que … ».
CONDITION = re.compile(
    r"\b(?:si|s['’]ils?|quand|lorsque?|lorsqu['’]\w+|une fois que?|dès que?|dès qu['’]\w+|tant que|jusqu['’]à ce que?"
    r"|jusqu['’]à ce qu['’]\w+|après que|vérifi\w+|assur\w+|contrôl\w+|veill\w+|confirm\w+)\b[^,;:]*$",
    re.IGNORECASE,
)
NOT_AN_AGENT = re.compile(
    r"\s+par\s+(?:courrier|coursier|e-?mail|mail|courriel|téléphone|fax|écrit|virement|chèque|défaut|exemple|an|mois"
    r"|semaine|jour|heure|lot|ordre|date|la poste|voie|carte|lettre|conséquent|la suite|rapport|type|\d)\b",
    re.IGNORECASE,
)
IDIOM = re.compile(r"(?:faite?s? (?:de|d['’]|pour)|mise? à part|dite?s?\b)", re.IGNORECASE)
# How something is, by what follows: « est couvert de carreaux », « est rédigé en anglais ».
STATE = re.compile(
    r"(?:(?:(?:re)?couvert|(?:re)?vêtu|rempli|entouré|bordé|garni|tapissé|orné|décoré|parsemé|jonché|chargé|truffé)e?s?"
    r" d[e'’]|(?:écrit|rédigé|libellé|formulé|marqué|exprimé)e?s? en\s(?!\d|deux|trois|double)"
    r"|(?:décrit|précisé|détaillé|listé|répertorié|illustré|énuméré|spécifié|référencé|cité)e?s?"
    r" (?:dans|sur|aux?|en annexe|ci-)"
    r"|(?:garé|empilé|rangé|monté|accroché|affiché|groupé|placé|posé)e?s?"
    r" (?:contre|le long|à côté|côte|au-dessus|au-dessous|en dessous|derrière|devant|autour|entre|en face)\b)",
    re.IGNORECASE,
)
_DAYS = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|été|hiver|nuit|week-end)"
_SPAN = r"(?:\d+|deux|trois|quatre|cinq|six|sept|huit|dix|douze|quinze|vingt|trente|soixante|quelques)"
_POINT = r"(?:après|avant) (?!\d|midi|minuit|noël|pâques|(?:les? |la )?(?:heures?|travail|repas|ouverture|fermeture)\b)"
# « La pelleteuse est louée. » : une chose ou des choses connues, et rien sur la manière ni le moment.
CERTAIN = re.compile(
    r"(?:^|[.;:]\s)\s*(?:(?:le|la|les|ce|cet|cette|ces|notre|nos|votre|vos|son|sa|ses|leur|leurs)\s+|l['’])"
    r"(?:(?!(?:qui|que|où|dont|duquel|laquelle|lequel|et|ou|si|est|sont|a|ont)\b)[\w-]+(?:\s+|['’])){1,6}$",
    re.IGNORECASE,
)
NOTHING_BEHIND = re.compile(r"\s*(?:[.!;]|$|jusqu['’])")
PARTICIPLE_LIKE = re.compile(r"(?:[iu]|is|it|us|[aeo]int|ert)e?s?$")
# What tells when or how something happens, so that it is an event and no state: « est verrouillé chaque soir ».
HAPPENS = re.compile(
    rf"(?<!\w)(?:chaque (?!{_DAYS}\b)\w|tous les (?!{_DAYS}s?\b|jours fériés)\w|toutes les (?!nuits\b)\w|à chaque\b"
    rf"|(?:une|{_SPAN}) fois (?:par|tous|toutes)\b|sous {_SPAN}\b|dans les {_SPAN}\b"
    r"|(?:en|au) (?:fin|début) (?:de|d['’])"
    r"|(?:immédiatement|automatiquement|manuellement|soigneusement|quotidiennement|mensuellement|hebdomadairement"
    r"|annuellement|aussitôt|sur-le-champ|à la main|à nouveau|de nouveau|un par un|une par une)\b"
    r"|à (?:l['’]arrivée|la réception|la livraison|la fin|la sortie|son arrivée|leur arrivée)\b"
    r"|dès (?:la|le|l['’]|que|réception|son|leur)|à l['’]aide\b|au moyen\b"
    rf"|pendant (?:au moins )?{_SPAN} (?:secondes|minutes|heures)\b|{_SPAN} (?:minutes|heures|jours|semaines) {_POINT}"
    rf"|{_POINT}\w"
    r"|à [-–−]?\d[\d.,]* ?(?:°|%|(?:degrés|mmhg|bars?|nm|mm|cm|kg)\b)"
    r"|^\s+(?:en [\wé]+ant|par (?:courrier|coursier|la poste))\b)",
    re.IGNORECASE,
)
HAPPENS_FIRST = re.compile(
    rf"(?:^|[.;:]\s)\s*(?:chaque (?!{_DAYS}\b)|{_POINT}|à la fin|en fin|au début|une fois par|d['’]abord|ensuite|puis"
    r"|enfin|à l['’]arrivée|à la réception|dès)[^,;:.]*,[^,;:.]*$",
    re.IGNORECASE,
)
HAPPENS_BETWEEN = re.compile(
    r"\b(?:puis|ensuite|alors|d['’]abord|enfin|immédiatement|automatiquement|manuellement|soigneusement|régulièrement"
    r"|systématiquement|progressivement|lentement|rapidement)\b",
    re.IGNORECASE,
)
CLAUSE_ENDS = re.compile(r"[,;:.!?(–—]|\b(?:et|mais|ou|qui|que|parce|si|quand|lorsque|où)\b", re.IGNORECASE)
AGENT = re.compile(
    r"\s+par\s+(?P<agent>(?:(?!(?:dans|sur|à|au|aux|en|avec|avant|après|quand|si|chaque|pendant|lors|pour|qui|que"
    r"|dès)\b)"
    rf"[{L}A-ZÀ-ÖØ-Þ'’-]+\s*)+)",
)
ACTS = re.compile(r"(?:iste|ien|ienne|trice|euse)s?$")
RENEWED = re.compile(r"^(?:re|ré|r|dé|pré|sur|sous-?|co)(?=\w{3})")
# « est chargé de vérifier »: what somebody has to do, not what is done to him.
TO_DO = re.compile(
    rf"\s+(?:de|d['’]|à|pour)\s*(?:ne pas )?(?:le |la |les |l['’]|se |s['’])?[{L}]+(?:er|ir|re|oir)\b", re.IGNORECASE
)
KEPT_UP = re.compile(r"\s+(?:à jour|à l['’]écart|à disposition|informée?s?|au courant)\b")

# In front of the verb ----------------------------------------------------------------------------------------

LEAD = re.compile(
    r"^(?:ensuite|puis|d['’]abord|tout d['’]abord|enfin|toujours|ne\s+(?:pas|jamais|plus)|ne|n['’]|se|s['’]|y|en|le|la"
    r"|l['’]|les|lui|leur|bien|aussi|alors|également|sinon|sans\s+attendre|de\s+nouveau|à\s+nouveau|seulement"
    r"|(?!(?:document|traitement|paiement|règlement|versement|classement|changement|virement|enregistrement|recrutement"
    r"|équipement|chargement|département|établissement|rangement|remplacement|comment|supplément|bâtiment|moment"
    rf"|rapprochement|nettoiement|logement|financement|remboursement)\b)[{L}]+ment)(?:(?<=['’])|[,\s]+)(?=\S)",
    re.IGNORECASE,
)
PRONOUN = re.compile(r"^(?:le|la|les|l['’]|lui|leur|y|en|se|s['’])\s*$", re.IGNORECASE)
OBJECT_PRONOUN = re.compile(r"^(?:le|la|les|l['’])$", re.IGNORECASE)
CLITIC = re.compile(r"(?:l['’]|les\s+|le\s+|la\s+|lui\s+|leur\s+|y\s+|en\s+|s['’]|se\s+)+", re.IGNORECASE)
POLITE = re.compile(r"(?:merci|prière|penser|pensez)\s+(?:de\s+|d['’]|à\s+)", re.IGNORECASE)
CONDITION_FIRST = re.compile(
    r"^(?:là où|si|s['’]ils?|quand|lorsque?|lorsqu['’]\w+|après|avant|pendant|dès|en|à|au|aux|dans|sur|pour|avec|sans"
    r"|une fois|sous|par|afin|chaque|tous|toutes|lors|depuis|selon|suivant|tant|jusqu['’]\w+|cas|conformément"
    r"|malgré|d['’]ici|outre|parmi|concernant|d['’]après|contrairement|une? (?:heure|minute|semaine|mois|jour"
    r"|an) (?:avant|après)"
    r"|quatre|cinq|dix|la veille|le (?:lendemain|matin|soir)|deux|trois|le \d+|le \w+ jour|le (?:lundi|mardi"
    r"|mercredi|jeudi|vendredi|samedi|dimanche|cas échéant|premier"
    rf"|dernier)|comme|grâce|via|chez|durant|vers|entre|hors|sauf|puisque|étant|ayant|[{L}]+ant)\b"
    rf"[^,:;]*(?:,(?!\s*[{L}’'-]+(?:ez|er|ir|re)\b)[^,:;]*)??[,:;–—]\s*",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"^(?:\(?[A-ZÀ-ÖØ-Þ][\w’'/-]*(?: [\w’'/&-]+){0,4}\)?\s*[:–—]\s+|\([^()]{1,40}\)\s*|\d+[.)°]\s+)", re.IGNORECASE
)
# The verb at the start ---------------------------------------------------------------------------------------

PRONOUN_BEHIND = re.compile(r"-(?:vous|nous|toi|le|la|les|lui|leur|y|en|moi|ci)(?:-.*)?$")
APPOINTMENT = re.compile(r"\s+(?:avec|du|de|des|pour|chez|médical|annuel)\b")
WE_OBJECT = re.compile(r"\s*(?:le|la|les|l['’]|que|un|une|ensemble|si)\b", re.IGNORECASE)
YOU_OBJECT = re.compile(r"\s+(?:le|la|les|que|si|ton|ta|tes)\b|\s+(?:l|qu)['’]", re.IGNORECASE)
SURE_OBJECT = re.compile(r"\s+(?:le|la|les|un|une|que|si)\b|\s+l['’]", re.IGNORECASE)
PREDICATE = re.compile(r"\s+(?:est|sont|a été|doit|doivent|peut|sera)\b", re.IGNORECASE)
PREFIX = re.compile(r"^(?:re|ré|dé|pré|co|sur|auto|télé)-?")
INFINITIVE = re.compile(r"(?:er|ir|re)$")
SURE_INFINITIVE = re.compile(r"(?:iser|ifier|ionner|quer|guer|oyer)$")
NOUN_ENDING = re.compile(r"(?:aire|oire|ture|sure|ière|teur|eur|tre|bre|phre|ffre|mètre|erre|phère)$")
OBJECT = re.compile(
    r"^\s*(?:(?:le|la|les|l['’]|un|une|des|du|de|d['’]|ce|cet|cette|ces|son|sa|ses|leur|leurs|votre|vos|notre|nos|mon|ma"
    r"|mes|chaque|tout|toute|tous|toutes|que|qu['’]|si|dans|sur|à|au|aux|en|avec|par|bien|deux|trois|sous|vers|pour|puis"
    r"|et|ou|aucun|aucune|￼|[«“\"(\d])(?=\W|\w|$))",
    re.IGNORECASE,
)
OF = re.compile(r"\s+(?:de|d['’])\b", re.IGNORECASE)
OF_OR_TO = re.compile(r"\s+(?:de|du|des|d['’]|à|au|aux|en|et|ou|pour)\b", re.IGNORECASE)

# Several actions ---------------------------------------------------------------------------------------------

JOINT = re.compile(
    r"(?P<joint>,?\s+(?:et\s+puis|et\s+ensuite|puis|ensuite|et)\s+|;\s*(?:puis\s+)?|,\s+(?:puis\s+)?|\.\s+)",
    re.IGNORECASE,
)
STRONG_JOINT = re.compile(r"puis|ensuite|[;.]", re.IGNORECASE)
EZ = re.compile(r"\S*(?:ez|tes)(?:\b|-)")
# An infinitive behind « et » that goes on with « pour … », « de … ».
DEPENDS = re.compile(
    rf"\b(?:pour|afin de|afin d['’]|de|d['’]|à|sans|avant de|peut|doit|faut)\s*[{L}]+(?:er|ir|re|oir)\b[^,;]*$",
    re.IGNORECASE,
)

# Rewriting ---------------------------------------------------------------------------------------------------

IMPERSONAL = re.compile(
    r"^il (?:est|sera) (?:vivement |fortement )?(?:recommandé|conseillé|demandé|préconisé|suggéré|requis|exigé"
    r"|nécessaire|obligatoire|important|impératif|indispensable|essentiel) (?:de |(?=d['’]))(?P<act>.+)$",
    re.IGNORECASE | re.DOTALL,
)
FORBIDDEN = re.compile(
    r"^il est (?:strictement |formellement )?interdit (?:de |(?=d['’]))(?P<act>.+)$", re.IGNORECASE | re.DOTALL
)
MUST = re.compile(
    r"^(?:il (?:faut|convient|faudra|conviendra|y a lieu) (?:de |(?=d['’])|)|(?:vous|on) (?:devez|doit|devrez|devra) )"
    r"(?P<act>.+)$",
    re.IGNORECASE | re.DOTALL,
)
NOMINAL = re.compile(
    r"^(?P<noun>[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿœ]+) (?P<link>de la |de l['’]|du |des )(?P<object>[^.,;:]+)(?P<end>\.?)$"
)
NOT_NOMINAL = re.compile(rf"\b(?:{ETRE}|par|et|ou|doit|doivent)\b", re.IGNORECASE)
_ARTICLE = r"le |la |les |l['’]|chaque |ce |cet |cette |ces |un |une |votre |vos "
_SIMPLE = r"(?!qui\b|que\b|si\b|et\b|ou\b|est\b|sont\b|ne\b|n['’]|doit\b)"
DEONTIC = re.compile(
    rf"^(?P<subject>(?:{_ARTICLE}|tout |toute |tous les |toutes les )[{L}’'-]+(?:\s+{_SIMPLE}[\w’'-]+){{0,6}}?)\s+"
    rf"(?:doit|doivent|devra|devront|devrait|devraient)\s+être\s+(?P<adverb>(?:toujours|d['’]abord|[{L}]+ment)\s+)?"
    rf"(?P<participle>[{L}]+)(?P<rest>\b[^.;:?!]*)(?P<end>[.!]?)$",
    re.IGNORECASE,
)
BY_AGENT = re.compile(
    rf"^(?P<subject>(?:{_ARTICLE})[{L}’'-]+(?:\s+{_SIMPLE}[\w’'-]+){{0,4}}?)\s+"
    rf"(?P<aux>est|sont|doit être|doivent être|devra être|devront être|peut être|peuvent être)\s+"
    rf"(?P<participle>[{L}]+)\s+par\s+(?P<agent>(?P<article>le |la |les |l['’]|un |une |votre |vos )(?P<head>[\w-]+)"
    rf"(?:\s+(?:de |du |des |d['’]|de la |de l['’])?(?!à\b|dans\b|avant\b|après\b|sur\b|en\b|au\b|chaque\b|tous\b"
    rf"|toutes\b|pour\b|qui\b|et\b|ou\b|dès\b|sous\b|lors\b)[\w’'-]+){{0,3}}?)"
    rf"(?P<rest>(?:\s+(?:à|au|dans|avant|après|sur|en|chaque|tous|toutes|pour|dès|sous|lors)\b[^.;:?!]*)?)(?P<end>[.!]?)$",
    re.IGNORECASE,
)
AGENT_BEHIND = re.compile(r"\bpar\s+(?:le|la|les|l['’]|un|une|votre)", re.IGNORECASE)
LINKS = {"de la ": "la ", "de l'": "l'", "de l’": "l’", "du ": "le ", "des ": "les "}
