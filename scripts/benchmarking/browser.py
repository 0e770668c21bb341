"""A browser without a screen: keeps its connection and its cookies, and sends forms."""

import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarking.forms import Fields, filled, form_with

SECONDS = 60
KEPT_OPEN = 1.0
"""Servers close a connection on which nothing was said for some seconds (gunicorn: two)."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class UnexpectedAnswer(Exception):
    """The server said something else than what is to be measured."""


class Browser:
    def __init__(self, port: int, *, cookies: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        self.cookies = dict(cookies or {})
        self._last_asked = 0.0

    def get(self, path: str, *, expect: int = 200, headers: dict[str, str] | None = None) -> Answer:
        return self._ask("GET", path, None, headers or {}, expect)

    def post(self, path: str, fields: Fields, *, expect: int = 302, headers: dict[str, str] | None = None) -> Answer:
        sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._ask("POST", path, urlencode(fields).encode(), sent, expect)

    def sign_in(self, email: str, password: str) -> None:
        fields = form_with(self.get("/accounts/login/").text, "login")
        self.post("/accounts/login/", filled(fields, login=email, password=password))

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str], expect: int) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if time.monotonic() - self._last_asked > KEPT_OPEN:
            self._connection.close()  # the next request opens it anew
        self._connection.request(method, path, body, {"Cookie": cookies, "Host": "127.0.0.1", **headers})
        response = self._connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        self._last_asked = time.monotonic()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value
        if answer.status != expect:
            where = answer.headers.get("Location", "")
            raise UnexpectedAnswer(f"{method} {path}: {answer.status} {where} instead of {expect}")
        return answer

    def close(self) -> None:
        self._connection.close()
