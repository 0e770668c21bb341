"""The expressions of English that `english` and `english_rewriting` look for."""

import re

BE = r"(?:am|is|are|was|were|be|been|being|(?<=[A-Za-z])['’](?:s|re)|isn['’]t|aren['’]t|wasn['’]t|weren['’]t)"
GET = r"(?:get|gets|got|getting|gotten)"
ADVERBS = (
    r"(?:\s+(?:not|never|always|also|only|then|first|well|now|still|again|already|both|all|often|once|twice"
    r"|(?!only\b)[a-z]+ly))*"
    r"(?:,\s(?:as|in|if|for|at|on|by|like|where|unless|with|without|of|however|therefore)\b[^,;:.!?]{0,40},)?"
)
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
NO_LETTERS = re.compile(r"[^A-Za-z￼]*")

MODAL = re.compile(
    r"\b(?:must|should|shall|will|would|may|might|can|could|cannot|to|needs to|need to|has to|have to)"
    r"(?:\s+\w+ly|\s+not|\s+also|\s+only|\s+always)*\s*$",
    re.IGNORECASE,
)
# What asks for a state rather than an action: "once the form is completed", "check that it is signed".
CONDITION = re.compile(
    r"\b(?:if|when|once|until|unless|after|before|whether|while|where|checks?|verify|make sure|ensure|ensures|ensuring"
    r"|confirm|sure|case)\b[^,;:]*$",
    re.IGNORECASE,
)
NOT_AN_AGENT = re.compile(
    r"\s+by\s+(?:(?:the|a|an)\s+)?(?:end|close|start|deadline|date|due|time|hand|post|mail|e-?mail|phone|telephone|fax"
    r"|letter|courier|default|law|\d|(?:next|last) (?:day|week|month|year)|monday|tuesday|wednesday|thursday|friday"
    r"|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|then|now"
    r"|tomorrow|noon|midnight|\w+ing|means|using|way)\b",
    re.IGNORECASE,
)
IDIOM = re.compile(
    r"(?:(?:made (?:of|up|from)|used to (?:the|a|an|this|that|it|our|their|\w+ing)|left over|set (?:in|against)"
    r"|based on|supposed to|authori[sz]ed to|bound to)\b|prepared (?:to|for) (?!the\b|an?\b|each\b|every\b|your\b|\d))",
    re.IGNORECASE,
)
# How something is, by what follows: "is covered with tiles", "is written in French", "is stacked against the wall".
STATE = re.compile(
    r"(?:(?:covered|lined|topped|fitted|decorated|littered) (?:with|in)"
    r"|(?:indicated|shown|listed|described|stated|specified|mentioned|illustrated|outlined) (?:on|in|under|below|above)"
    r"|(?:written|worded|phrased|marked|labell?ed) in (?!the\b|an?\b|this\b|your\b|\d)|split (?:in|into)"
    r"|(?:mounted|piled|parked|stacked|hung|grouped|placed) (?:against|along|beside|next to|above|below|under"
    r"|underneath|behind|opposite|around|between|side by side))\b",
    re.IGNORECASE,
)
_SPAN = r"(?:\d+|a few|two|three|four|five|six|seven|eight|ten|twelve|fifteen|twenty|thirty|sixty)"
_POINT = (
    r"(?:after|before) (?!\d|noon|midnight|dark|work\b|lunch|opening|closing|christmas|easter"
    r"|(?:[\w-]+ )?(?:hours|time)\b)"
)
_DAYS = r"(?:\w+day|weekend|night|morning|winter|summer|spring|autumn)"
# "The excavator is rented.": one thing or certain ones, and nothing about how or when.
CERTAIN = re.compile(
    r"(?:^|[.;:]\s)\s*(?:the|this|that|these|those|our|your|its|their|my|his|her)"
    r"(?:\s+(?!(?:that|which|who|where|when|whose|how|what|and|or|if|is|are|was|were|has|have)\b)[\w'’-]+){1,5}\s*$",
    re.IGNORECASE,
)
NOTHING_BEHIND = re.compile(r"(?:\s+(?:off|on|up|down|in|out|away|back|shut|together))?\s*(?:[.!;]|$|\b(?:un)?till?\b)")
# What tells when or how something happens, so that it is an event and no state: "is locked every evening".
HAPPENS = re.compile(
    r"^\s+by (?:\w+ing|hand|post|mail|courier|e-?mail)\b"
    rf"|\b(?:(?:every|each) (?!{_DAYS}\b)\w|every (?:night|morning)\b"
    rf"|(?:once|twice|{_SPAN} times) (?:an?|per|every|each)\b"
    r"|(?:hourly|weekly|monthly|quarterly|yearly|annually|immediately|automatically|manually|by hand|again"
    r"|one by one|one at a time)\b"
    r"|(?:on|upon) (?:arrival|receipt|delivery|completion|departure|request)\b|at the (?:end|beginning|start) of\b"
    r"|on (?:the|their|his|her|its|your) (?:first|last|same|next) day\b|as soon as\b|using\b"
    rf"|(?:within|for) (?:at least |about )?{_SPAN} (?:seconds|minutes|hours)\b"
    rf"|within {_SPAN} (?:working |business )?(?:days|weeks|months)\b|{_SPAN} (?:minutes|hours|days|weeks) {_POINT}"
    rf"|{_POINT}\w|(?:to|at) (?:about )?[-–−]?\d[\d.,]* ?(?:°|%|(?:degrees|per cent|mmhg|bar|nm|mm|cm|kg)\b))",
    re.IGNORECASE,
)
HAPPENS_FIRST = re.compile(
    rf"(?:^|[.;:]\s)\s*(?:(?:every|each) (?!{_DAYS}\b)|every (?:night|morning)\b|{_POINT}"
    r"|at the (?:end|start|beginning) of|once an?|twice an?|first|then|next|finally|on arrival|upon)"
    r"[^,;:.]*,[^,;:.]*$",
    re.IGNORECASE,
)
HAPPENS_BETWEEN = re.compile(
    r"\b(?:then|first|again|once|twice|immediately|automatically|manually|carefully|thoroughly|finally"
    r"|subsequently|gently|slowly|quickly|gradually|regularly|periodically)\b",
    re.IGNORECASE,
)
CLAUSE_ENDS = re.compile(
    r"[,;:.!?(–—]|\b(?:and|but|or|who|which|that|because|if|when|where|while|since)\b", re.IGNORECASE
)
# "is obliged to check": what somebody has to do, not what is done to him.
TO_DO = re.compile(
    r"\s+to (?!the\b|an?\b|each\b|every\b|all\b|your\b|its\b|this\b|about\b|\d|[\w-]+(?:s|ing)\b)", re.IGNORECASE
)
AGENT = re.compile(
    r"\s+by\s+(?P<agent>(?:(?!(?:in|on|at|for|with|within|before|after|when|if|from|to|of|every|each|during|twice"
    r"|once|who|which|that)\b)[\w'’-]+\s*)+)",
    re.IGNORECASE,
)
DEGREE = re.compile(r"^(?:over|under|un|inter)(?=\w{4})")
ACTS = re.compile(r"\w(?:er|or|ist|ian|man|ee)s?$")
# "are completed forms": a participle in front of its noun.
NOUN_BEHIND = re.compile(
    r"\s+(?:version|cop(?:y|ies)|forms?|documents?|goods|items?|lists?|files?|persons?|people|staff|amount|number|ones?)\b"
)

# In front of the verb ----------------------------------------------------------------------------------------

LEAD = re.compile(
    r"^(?:please|then|next|first|firstly|second|secondly|third|lastly|finally|now|always|never|also|again|afterwards"
    r"|otherwise|instead|either|optionally|do not|don['’]t|just|simply|only|(?!(?:apply|supply|reply|rely|comply"
    r"|multiply|assembly|monthly|weekly|daily|early|family|only|anomaly|imply|fly)\b)[a-z]+ly)\b[,\s]+(?=\S)",
    re.IGNORECASE,
)
CONDITION_FIRST = re.compile(
    r"^(?:if|when|whenever|once|after|before|while|until|unless|in|on|at|with|without|using|for|to|during|upon|where|as"
    r"|as soon as|from|by|every|each|within|provided|depending|based|following|because|since|under|whether|wherever"
    r"|having|although|except|prior|immediately (?:after|before)|\d+ \w+ (?:after|before)|via|through|starting"
    r"|assuming|case|per|should|beforehand|together|along|despite|regardless|according|rather than|instead of"
    r"|between|among|across|around|near|behind|below|above|inside|outside|over|against|throughout|next to|opposite"
    r"|given|unlike"
    r"|(?:no|not) later|(?:one|two|three|four|five|six|seven|ten|a few|an?) \w+ (?:after|before)"
    r"|(?:the )?(?:next|following|same|previous) \w+|(?:first|last) thing)\b"
    r"[^,:;]*(?:,(?!\s*(?:then\s+)?[a-z-]+\s+(?:the|a|an|it|this|that|all|any|your|them)\b)[^,:;]*)??"
    r"[,:;–—]\s*(?:then\s+)?",
    re.IGNORECASE,
)
# "After drying wrap the flask": a condition without a comma behind it.
CONDITION_WORD = re.compile(
    r"(?:if|when|once|after|before|while|during|upon|for|in|on|at|from|using|with)\b", re.IGNORECASE
)
LABEL = re.compile(
    r"^(?:\(?(?:optional|if needed|step \w+|[A-Z][\w’'/-]*(?: [\w’'/&-]+){0,3})\)?\s*[:–—]\s+"
    r"|\([^()]{1,40}\)\s*|\d+[.)]\s+)",
    re.IGNORECASE,
)
PREFIX = re.compile(r"^(?:re|double|pre|cross|hand|self|spot|fine|air|de|un|auto|bulk)-")

# Several actions ---------------------------------------------------------------------------------------------

JOINT = re.compile(r"(?P<joint>,?\s+(?:and\s+then|and|then)\s+|;\s*(?:then\s+)?|,\s+(?:then\s+)?|\.\s+)", re.IGNORECASE)
STRONG_JOINT = re.compile(r"then|[;.]", re.IGNORECASE)
SUBORDINATE = re.compile(
    r"\b(?:to|that|which|who|if|when|whether|where|until|unless|how|before|after|once|while|so|because|or|for|by|of|as)\b"
    r"[^,;]*$",
    re.IGNORECASE,
)

# Rewriting ---------------------------------------------------------------------------------------------------

_SIMPLE = r"(?!that\b|which\b|who\b|if\b|when\b|to\b|and\b|or\b|is\b|are\b|not\b)"
_SIMPLER = rf"{_SIMPLE}(?!of\b|in\b|on\b|for\b|from\b|by\b|with\b)"
DEONTIC = re.compile(
    rf"^(?P<subject>(?:the|all|any|each|every|both|these|this|a|an|your)?\s*[A-Za-z][\w'’-]*"
    rf"(?:\s+{_SIMPLE}[\w'’/-]+){{0,5}}?)\s+"
    rf"(?:must|should|shall|needs to|need to|has to|have to|is to|are to)\s+"
    rf"(?P<before>(?:always|then|first|immediately|[a-z]+ly)\s+)?be\s+(?P<adverb>(?:always|then|first|[a-z]+ly)\s+)?"
    rf"(?P<participle>[a-z-]+)(?P<rest>\b[^.;:?!]*)(?P<end>[.!]?)$",
    re.IGNORECASE,
)
BY_AGENT = re.compile(
    rf"^(?P<subject>(?:the|all|each|every|this|these|a|an|your)\s+[\w'’-]+(?:\s+{_SIMPLER}[\w'’/-]+){{0,3}})\s+"
    rf"(?P<aux>is|are|must be|should be|will be|can be|may be)\s+(?P<participle>[a-z-]+)\s+by\s+"
    rf"(?P<agent>(?:the|an?|our|your)\s+(?:[\w'’-]+\s+){{0,3}}?(?P<head>[\w'’-]+))"
    rf"(?P<rest>(?:\s+(?:at|in|on|within|every|each|before|after|once|when|if|to|for|with|during|twice|daily|weekly"
    rf"|monthly)\b[^.;:?!]*)?)(?P<end>[.!]?)$",
    re.IGNORECASE,
)
AGENT_BEHIND = re.compile(r"\bby\s+(?:the|a|an|our|your)\b", re.IGNORECASE)
IMPERSONAL = re.compile(
    r"^it is (?:recommended|advised|suggested|required|requested|expected) (?:to|that you) (?P<act>[a-z]+\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
OBLIGATION = re.compile(
    r"^(?:you|one|we|(?:it is (?:necessary|important|essential|mandatory) (?:for you )?(?=to)))\s*"
    r"(?:must|should|shall|need to|have to|will need to|are required to|are asked to)?\s*(?:to\s+)?"
    r"(?P<act>[a-z]+\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
NOMINAL = re.compile(r"^(?P<noun>[A-Z][a-z]+) of (?P<object>[^.,;:]+)(?P<end>\.?)$")
NOT_NOMINAL = re.compile(rf"\b(?:{BE}|by|and|must|should|will|shall|or)\b", re.IGNORECASE)
ARTICLE_BEHIND = re.compile(r"\s+(?:the|a|an|all|each|your|any|this|these)\b")
NO_SUBJECT = frozenset(
    "it that they you there what no nothing he she if when then also where once after before for in as".split()
)
"""Words at the start that cannot be the thing to be treated, or leave open what it is."""
