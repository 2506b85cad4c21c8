"""A visitor without a browser: follows links across the origins, with a cookie jar for each host."""

import re
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Visitor:
    """One person with one set of cookies.

    Connects to loopback and names the host in a header, since libc does not resolve ``*.localhost`` everywhere.
    """

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self.cookies: dict[str, dict[str, str]] = {}

    def request(
        self, method: str, url: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Make one request, without following anything."""
        parts = urlsplit(url)
        jar = self.cookies.setdefault(parts.netloc, {})
        sent = {"Host": parts.netloc, "Accept": "text/html", **(headers or {})}
        if jar and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        with httpx.Client(base_url=self._address, timeout=60) as client:
            answer = client.request(method, path, headers=sent, **options)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    jar.pop(name, None)
                else:
                    jar[name] = morsel.coded_value
        return answer

    def get(self, url: str) -> httpx.Response:
        """Open an address as a browser does, redirects included."""
        for _ in range(12):
            answer = self.request("GET", url)
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["location"])
        raise AssertionError(f"too many redirects, the last to {url}")

    def csrf(self, url: str) -> str:
        """Return the token in a page's forms."""
        found = _CSRF.search(self.get(url).text)
        assert found, f"no form on {url}"
        return found[1]

    def post(self, url: str, form: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """Send a form as our own page would: with our origin."""
        parts = urlsplit(url)
        own = {"Origin": f"{parts.scheme}://{parts.netloc}", "Sec-Fetch-Site": "same-origin"}
        return self.request("POST", url, headers={**own, **headers}, data=form or {})
