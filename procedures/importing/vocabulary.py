"""Names by which sections, fields and columns are recognised, in English, French, Dutch and Portuguese.

All comparisons are made on folded text: lower case, no accents, no emoji, straight apostrophes.
"""

import re
from typing import Literal

from procedures.importing.language import fold, strip_numeral

SectionKind = Literal[
    "purpose",
    "scope",
    "prerequisites",
    "definitions",
    "tools",
    "records",
    "references",
    "roles",
    "history",
    "summary",
    "procedure",
    "aside",
    "contents",
    "metadata",
    "",
]

# First match wins. A pattern must match the whole heading without its number.
_SECTION_PATTERNS: tuple[tuple[SectionKind, str], ...] = (
    (
        "contents",
        r"(table of )?contents?|index|toc|on this page|in this (article|guide)|sommaire|table des matieres"
        r"|inhoud(sopgave)?|indice|sumario",
    ),
    (
        "history",
        r"(document|revision|version|change|protocol|sop)?\s*"
        r"(history|record of changes|revision record|change ?log|change record|revisions?)"
        r"|(historique|suivi)( des (revisions|versions|modifications))?( du document)?"
        r"|(versie|revisie|wijzigings)(geschiedenis|beheer)|historico( de (revisoes|versoes|alteracoes))?",
    ),
    (
        "purpose",
        r"(the )?(purpose|objectives?|aims?|goals?|intent)( (and|&) (scope|objectives?|goals?|applicability))?"
        r"( of (this|the) .*)?|(objet|objectifs?|but|finalites?)( et .*| de (la|cette) .*| du .*)?"
        r"|doel(stelling(en)?)?( en .*)?|(objetivos?|proposito|finalidade)( e .*)?",
    ),
    (
        "scope",
        r"(the )?(scope|applicability|applies to|who (does )?this appl(y|ies) to)( (and|&) .*)?( of (this|the) .*)?"
        r"|champs? d'application( et .*)?|domaine d'application|portee|perimetre|toepassingsgebied|escopo"
        r"|ambito|campo de aplicacao",
    ),
    (
        "prerequisites",
        r"pre-?requisites?.*|pre-?requis.*|pre-?conditions?|requirements?|before (you|we) (start|begin|get started)"
        r"|before (starting|beginning)|what you('ll| will)? need|you will need|avant de (commencer|debuter|demarrer)"
        r"|conditions prealables|voorwaarden|vereisten|voor je begint|pre-requisitos|requisitos|antes de comecar",
    ),
    (
        "definitions",
        r"(terms (and|&) )?definitions?( (and|&|et) (acronyms|abbreviations|abreviations|terms))?"
        r"|glossary( of terms)?|terminology|(acronyms|abbreviations)( (and|&) (abbreviations|acronyms|definitions))?"
        r"|glossaire|lexique|sigles.*|abreviations|termes et definitions|definities|begrippen(lijst)?|afkortingen"
        r"|definicoes|glossario|siglas",
    ),
    (
        "tools",
        r"(required |necessary )?(tools?|materials?|equipment|supplies|reagents?|apparatus|consumables|kit)"
        r"( (and|&) (tools?|materials?|equipment|supplies|reagents|references|resources|software|consumables))?"
        r"( (required|needed).*)?|(outils?|materiels?|equipements?|fournitures)( et .*| necessaires?| requis)?"
        r"|moyens( et .*)?|benodigd(heden|e .*)|materiaal|materialen|gereedschap|ferramentas|materia(l|is)( .*)?"
        r"|recursos necessarios",
    ),
    (
        "records",
        r"(quality )?records?( (and|&) .*)?( kept| to keep| retention)?|record[- ]keeping|documentation of results"
        r"|enregistrements?( .*)?|archivage|registratie.*|registros?( .*)?",
    ),
    (
        "references",
        r"(references?|related (documents?|links?|resources|information|procedures|content|protocols"
        r"|external protocols)"
        r"|(additional|further|other|useful|helpful) (reading|resources|information|links|reference)"
        r"|resources|see also|bibliography|sources|external references|internal protocols|external protocols"
        r"|more information)( (and|&) .*)?"
        r"|(documents? (de reference|associes|lies|applicables)|ressources?|voir aussi|liens( utiles)?"
        r"|bibliographie|pour en savoir plus|pour aller plus loin)( .*)?"
        r"|referenties|zie ook|bronnen|literatuur|referencias( .*)?|links uteis|veja tambem",
    ),
    (
        "roles",
        r"(?!what |how |who |why |when )(?:[\w'-]+ ){0,3}"
        r"(roles?( (and|&|et|en|e) (responsibilit(y|ies)|responsabilites?|verantwoordelijkheden|responsabilidades))?"
        r"|responsibilit(y|ies)|raci( matrix)?)|roles? (and|&) responsibilit(y|ies)( .*)?"
        r"|responsabilites?( .*)?|acteurs( .*)?|intervenants|rollen( .*)?|verantwoordelijkhe(id|den)|papeis.*"
        r"|responsabilidades?|who is involved( .*)?|personnel( required)?",
    ),
    (
        "metadata",
        r"metadata|document (information|control|details)|(protocol|procedure) information|metadonnees"
        r"|(informations|fiche) d'identification|identification( du document)?",
    ),
    (
        "summary",
        r"(executive )?summary|overview|introduction|abstract|resume|synthese|presentation|en bref|samenvatting"
        r"|inleiding|overzicht|resumo|introducao|visao geral",
    ),
    (
        "aside",
        r"(basic )?trouble[- ]?shoot(ing)?( .*)?|(.* )?faqs?|(.* )?frequently asked questions|appendi(x|ces)( .*)?"
        r"|annex(es?)?( .*)?|annexes?( .*)?|examples?|contacts?( .*)?|questions\??|support|help|known issues"
        r"|exceptions?|background( .*)?|context(e)?|why|depannage|exemples?|foire aux questions|problemes? .*"
        r"|bijlagen?( .*)?|achtergrond|voorbeeld(en)?|veelgestelde vragen|anexos?( .*)?|perguntas frequentes"
        r"|approvals?|approval (history|record)|approbations?|distribution|contexto|meaning|impact",
    ),
    (
        "procedure",
        r"(.* )?(procedures?|steps|instructions|work instructions?|protocol|workflow|walk-?through|runbook"
        r"|how-?to)( steps| instructions| overview| description)?(:| for .*| to .*| \(.*\))?|procedure (for|to) .*"
        r"|(the )?process( steps)?|what to do|how to (proceed|do it)|(check|to-?do )list|step[- ]by[- ]step( .*)?"
        r"|(les |principales )?etapes( .*)?|mode operatoire( .*)?|marche a suivre( .*)?|deroulement( .*)?"
        r"|deroule|processus|instructions de travail|procedure( .*)?|methode|comment (faire|proceder)"
        r"|werkwijze|stappen(plan)?|uitvoering|procedimentos?( .*)?|passos( .*)?|passo a passo|etapas( .*)?"
        r"|modo de fazer|processo",
    ),
)
_SECTIONS = tuple((kind, re.compile(pattern)) for kind, pattern in _SECTION_PATTERNS)

# The names fields have in documents → our name. The first of a name's aliases found in a document wins.
METADATA_ALIASES: dict[str, str] = {
    alias: name
    for name, aliases in {
        "title": "title, titre, titel, titulo, document title, sop title, procedure title, name, nom"
        ", titre du document",
        "code": "code, id, sop number, sop id, sop no, document number, document id, doc id, document no, number"
        ", procedure number, reference number, template sop number, reference, numero, n°, document code, sop code",
        "version": "version, revision, sop version, document version, template sop version, rev, revision number"
        ", versie, versao, instance version, hasversion, revisie",
        "owner": "owner, document owner, process owner, procedure owner, sop owner, proprietaire, responsable"
        ", eigenaar, dono, responsible, responsavel",
        "author": "author, authors, written by, prepared by, auteur, auteurs, redacteur, redige par, autor, autores"
        ", creator, auteur(s), author(s)",
        "reviewer": "reviewer, reviewed by, verifie par, relecteur, revisor",
        "approver": "approver, approved by, approuve par, goedgekeurd door, aprovado por",
        "effective date": "effective date, effective, date effective, valid from, date d'application, issued"
        ", date d'entree en vigueur, entree en vigueur, ingangsdatum, data de vigencia, uitgifte datum"
        ", issue date, publication date",
        "review date": "review date, next review, next review date, review by, review due, date de revision"
        ", prochaine revision, last_reviewed_on, volgende herziening",
        "date": "date, last updated, updated, last modified, modified, ms.date, datum, data, mise a jour"
        ", derniere mise a jour, lastmod",
        "status": "status, statut, etat, state",
        "department": "department, team, service, departement, afdeling, departamento, division, unit",
        "category": "category, categories, topic, categorie, theme, type, sop type, template sop type",
        "tags": "tags, keywords, labels, mots-cles, mots cles, trefwoorden, palavras-chave",
        "audience": "audience, public, publiek, publico",
        "language": "language, lang, langue, taal, idioma, locale, ms.contentlocale, lingua",
        "description": "description, summary, resume, subtitle, about, abstract, beschrijving, descricao",
        "license": "license, licence, licentie",
    }.items()
    for alias in aliases.split(", ")
}

EXPECTED_LABEL = r"expected(?: results?| outcomes?)?|resultats? attendus?|verwacht resultaat|resultados? esperados?"
ROLE_LABEL = (
    r"responsible(?: role| person| party)?|responsable|roles?|who|qui|performed by|actor|acteur|verantwoordelijke?"
    r"|wie|responsavel|quem|executant|done by|realise par|owner"
)
# The last word of the name of somebody who acts; what stands before it makes the name.
_ROLE_NOUN = (
    r"managers?|clerks?|officers?|leads?|leaders?|teams?|owners?|authors?|approvers?|reviewers?|operators?|supervisors?"
    r"|engineers?|administrators?|admins?|directors?|coordinators?|technicians?|assistants?|analysts?|inspectors?"
    r"|auditors?|accountants?|buyers?|controllers?|developers?|designers?|nurses?|physicians?|pharmacists?|recruiters?"
    r"|employees?|requesters?|requestors?|users?|staff|department|committee|board|helpdesk|desk|treasurers?|secretar(y|ies)"
    r"|hr|finance|legal|responsable|gestionnaire|chef|directeur|directrice|comptable|operateur|operatrice|technicien"
    r"|technicienne|acheteur|demandeur|valideur|equipe|salarie|salariee|medewerker|beheerder|verantwoordelijke"
    r"|leidinggevende|gerente|responsavel|equipa|tecnico|operador|coordenador"
)
ROLE_NAME = re.compile(
    rf"(?!(?:for|if|when|as|to|by|with|once|after|before|ask|tell|pour|si|quand|voor|als|para|se) )"
    rf"(?:the |le |la |l'|de |het |o |a )?(?:[\w'&/-]+ ){{0,4}}(?:{_ROLE_NOUN})"
    rf"(?: (?:of|de|du|des|de la|de l'|achats?|rh|qualite|van|da|do) ?(?:[\w'&/-]+ ?){{0,3}})?"
)
STEP_COLUMN = (
    r"(?:process |procedure )?steps?(?: description)?|actions?|tasks?|activit(?:y|ies)|etapes?|taches?|activites?"
    r"|what(?: to do)?|quoi|instructions?|stap|actie|taak|passos?|acoes|acao|tarefas?|what to do|procedure|description"
)
NUMBER_COLUMN = r"#|n[o°º]?\.?|num(?:ber|ero)?|step(?: (?:no|number|id|identifier|#))?\.?|nr|etape|stap|passo"
WARNING_COLUMN = r"warnings?|caution|attention|avertissements?|risks?|risques?|waarschuwing|aviso"
ROLE_COLUMN = ROLE_LABEL
HISTORY_COLUMNS: dict[str, str] = {
    "version": "version",
    "rev": "version",
    "revision": "version",
    "template version": "version",
    "versie": "version",
    "versao": "version",
    "date": "date",
    "release date": "date",
    "datum": "date",
    "data": "date",
    "author": "author",
    "authors": "author",
    "author(s)": "author",
    "auteur": "author",
    "auteurs": "author",
    "auteur(s)": "author",
    "autor": "author",
    "by": "author",
    "description": "change",
    "description of changes": "change",
    "description of revisions": "change",
    "changes": "change",
    "change": "change",
    "comment": "change",
    "comments": "change",
    "modifications": "change",
    "modification": "change",
    "objet": "change",
    "objet de la modification": "change",
    "nature de la modification": "change",
    "wijziging": "change",
    "wijzigingen": "change",
    "alteracao": "change",
    "alteracoes": "change",
    "summary": "change",
}


def section_kind(title: str) -> SectionKind:
    """What a heading announces, "" for a heading of the document's own making."""
    folded = fold(strip_numeral(title)[1]).strip(" :.-")
    for kind, pattern in _SECTIONS:
        if pattern.fullmatch(folded):
            return kind
    return ""
