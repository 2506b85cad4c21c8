"""The headers of every response of a workspace: what a page may load, run and be framed by."""

import base64
import hashlib
from collections.abc import Iterable
from typing import Final

SCRIPT_FOLDERS: Final = ("static/", "lab/extensions/", "lab/api/themes/")
"""Below the base URL; nobody but the image's builder can put a file there."""
SCRIPT_TYPES: Final = frozenset({"application/javascript", "text/javascript", "application/x-javascript"})


def content_security_policy(server: str, base_url: str, ancestors: Iterable[str], inline: Iterable[str] = ()) -> str:
    """Return the policy.

    Args:
        server: the workspace's own public origin, ``scheme://host[:port]``; empty when it is not known, in which case
            scripts of the whole origin are allowed that it serves with a script's media type.
        base_url: the server's base URL, with a slash at both ends.
        ancestors: origins that may frame the workspace.
        inline: the texts of the inline scripts that the server's own pages contain.
    """
    folders = [f"{server}{base_url}{folder}" for folder in SCRIPT_FOLDERS] if server else ["'self'"]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline]
    rules = {
        "default-src": ["'self'"],
        "script-src": [*folders, *hashes, "'unsafe-eval'"],
        "script-src-attr": ["'none'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "frame-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'", *ancestors],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


def headers(policy: str) -> dict[str, str]:
    """Return the headers of every response."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
