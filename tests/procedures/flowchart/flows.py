"""Contents for charts: written by hand, and invented by hypothesis."""

from hypothesis import strategies as st

from procedures.models import StepKind

ROLES = ["Buyer", "Opérateur de production", "保全担当", "Quality assurance and regulatory affairs"]
TITLES = st.one_of(
    st.sampled_from(
        [
            "Sign",
            "Read " * 40,
            "Apposer l'étiquette « PROPRE » et signer le registre de nettoyage",
            "弁を再組立てし、トルクレンチで25 N·mに締め付ける。記録を残すこと",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            'Measure conductivity & pH; record <values> in the "LIMS"',
            "👩‍🔧 prüft 🔩🔩🔩",
            "",
        ]
    ),
    st.text(max_size=60),
)
LABELS = st.one_of(st.sampled_from(["", "Yes", "Non – re-nettoyer", "はい"]), st.text(max_size=30))


def step(number: int, title: str = "", *, role: str | None = "Buyer", kind: str = "action", branches=(), **others):
    return {
        "uid": f"s{number}",
        "number": number,
        "kind": kind,
        "section": "",
        "title": title or f"Step {number}",
        "role": {"id": role, "name": role} if role else None,
        "branches": [{"label": label, "target": target} for label, target in branches],
        "hold": False,
        "items": [],
        "subprocedure": "",
        **others,
    }


def content(*steps: dict, code: str = "FIN-001", number: int = 1) -> dict:
    return {"code": code, "number": number, "language": "en", "steps": list(steps)}


@st.composite
def contents(draw) -> dict:
    """Any flow: branches to and fro, to the end, to steps that have gone; any role, kind, title, section."""
    count = draw(st.integers(3, 10))
    targets = st.sampled_from([*(f"s{number}" for number in range(1, count + 1)), "end", "", "gone"])
    steps = []
    for number in range(1, count + 1):
        kind = draw(st.sampled_from(StepKind.values))
        branches = draw(st.lists(st.tuples(LABELS, targets), max_size=4)) if kind == "decision" else []
        steps.append(
            step(
                number,
                role=draw(st.sampled_from([None, *ROLES])),
                kind=kind,
                branches=branches,
                section=draw(st.sampled_from(["", "Preparation", "Ein sehr langer Name für einen Abschnitt"])),
                hold=draw(st.booleans()),
                items=["One", "Two"] if kind == "checklist" else [],
                subprocedure="FIN-002" if kind == "subprocedure" else "",
            )
            | {"title": draw(TITLES)}
        )
    return content(*steps)


def long_content() -> dict:
    """Sixty steps with ten decisions, loops and leaps, five roles, four sections."""
    roles = [*ROLES, "Store"]
    titles = [
        "Rincer la cuve à l'eau purifiée",
        "通知责任人并隔离设备",
        "Check the label and note the number of the lot",
    ]
    steps = []
    for number in range(1, 61):
        ways = []
        if number % 6 == 5:
            ways = [("Oui", ""), ("Non – recommencer", f"s{max(1, number - 7)}"), ("Tolérance", f"s{number + 4}")]
            ways += [("Arrêt", "end")] if number % 4 == 3 else []
        steps.append(
            step(
                number, titles[number % 3], role=roles[number // 4 % 5], kind="decision" if ways else "action",
                branches=ways, section=f"Part {number // 16}",
            )
        )  # fmt: skip
    return content(*steps, code="BIG-001")
