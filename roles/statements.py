"""The e-signature statement, which everybody accepts once per version before their first signature.

A version never changes, since acceptances carry the hash of its words. Another wording is another version, and
everybody is asked again.
"""

from dataclasses import dataclass

from sopdesk.lib.canonical import sha256_hex

TEXTS: dict[int, dict[str, str]] = {
    1: {
        "en": (
            "My electronic signature in sopdesk is my password and, where it is asked for, a code from my app. It "
            "binds me like my signature by hand. I sign only what I have read. I give my password and my codes to "
            "nobody, and I tell an administrator at once when somebody else may know them."
        ),
        "fr": (
            "Ma signature électronique dans sopdesk est mon mot de passe et, lorsqu’il est demandé, un code de mon "
            "application. Elle m’engage comme ma signature manuscrite. Je ne signe que ce que j’ai lu. Je ne "
            "communique ni mon mot de passe ni mes codes à personne, et je préviens aussitôt un administrateur si "
            "quelqu’un d’autre a pu en prendre connaissance."
        ),
    }
}


@dataclass(frozen=True, slots=True)
class Statement:
    version: int
    language: str
    text: str

    @property
    def text_hash(self) -> str:
        return sha256_hex(self.text.encode())


def statement_of(version: int, language: str) -> Statement | None:
    """The statement in `language`, or in English where it does not exist; None for an unknown version."""
    texts = TEXTS.get(version)
    if texts is None:
        return None
    language = language if language in texts else "en"
    return Statement(version, language, texts[language])


def current_statement(language: str) -> Statement:
    """The version that signatures are given under now."""
    version = max(TEXTS)
    language = language if language in TEXTS[version] else "en"
    return Statement(version, language, TEXTS[version][language])
