"""Errors that a person can cause or meet, each with a stable code and an HTTP status."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from assay_protocol.problem import Problem


class AssayError(Exception):
    """Base of all errors of Assay.

    The text says what happened; ``detail`` says what to do about it; ``fields`` says it for each field of a form.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, title: str, detail: str = "", *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.fields: Mapping[str, str] = fields or {}

    def problem(self) -> Problem:
        """Return the error as problem details."""
        return Problem(self.status, self.code, self.title, self.detail)


class NotFoundError(AssayError):
    """There is no such thing, or this person may not know of it: the answer is the same."""

    code = "not-found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is nothing here.", "The address may be mistyped, or you may not have access to it.")


class NotAllowedError(AssayError):
    """The person may see the thing but not do this with it."""

    code = "not-allowed"
    status = 403


class WrongStateError(AssayError):
    """The interview is past the point where this can be done, or not there yet."""

    code = "wrong-state"
    status = 409


class ConflictError(AssayError):
    """Somebody else changed the thing meanwhile; nothing was overwritten."""

    code = "conflict"
    status = 412

    def __init__(self) -> None:
        super().__init__("Somebody else changed this meanwhile.", "Nothing was overwritten. Look at it again.")


class OtherWindowError(AssayError):
    """The same person changed the same form in another window meanwhile; nothing was overwritten."""

    code = "other-window"
    status = 409

    def __init__(self, names: Iterable[str] = ()) -> None:
        fields = dict.fromkeys(names, "Another window holds something else.")
        super().__init__(
            "This form was changed in another window.", "Nothing was overwritten. Look at it again.", fields=fields
        )


class BadInputError(AssayError):
    """What was sent cannot be used."""

    code = "bad-input"
    status = 422


class TooLargeError(AssayError):
    """What was sent, or what the workspace holds, is over a bound."""

    code = "too-large"
    status = 413


class LinkRefusedError(AssayError):
    """A link that is unknown, expired, revoked or used up; the reader is told no more than that."""

    code = "link-refused"
    status = 403

    def __init__(self) -> None:
        super().__init__("This link does not work any more.", "Ask the person who sent it to you for a new one.")


class WorkspaceUnreachableError(AssayError):
    """The workspace does not answer."""

    code = "workspace-unreachable"
    status = 503


class HubRefusedError(AssayError):
    """JupyterHub refused a request of the service, or does not answer."""

    code = "hub-refused"
    status = 502


class MailFailedError(AssayError):
    """A letter could not be sent."""

    code = "mail-failed"
    status = 502

    def __init__(self, detail: str) -> None:
        super().__init__("The e-mail was not sent.", detail)


class PrintFailedError(AssayError):
    """A page could not be made a PDF."""

    code = "print-failed"
    status = 502

    def __init__(self, detail: str) -> None:
        super().__init__("The PDF was not made.", detail)


class KeyRefusedError(AssayError):
    """A key of another system that is unknown or revoked."""

    code = "key-refused"
    status = 401

    def __init__(self) -> None:
        super().__init__("This key is not accepted.", "An administrator of Assay makes keys.")


class TooManyAttemptsError(AssayError):
    """Too many wrong keys came from one address."""

    code = "too-many-attempts"
    status = 429

    def __init__(self) -> None:
        super().__init__("Too many wrong keys came from this address.", "Wait a minute.")
