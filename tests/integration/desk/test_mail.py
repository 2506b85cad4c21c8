"""Letters through a real SMTP server: plain, with STARTTLS and a password, and one that misbehaves."""

import contextlib
import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from integration.desk.certificate import certificate

from assay_hub.adapters.mail import SmtpMailer
from assay_hub.domain.calendar import Method
from assay_hub.domain.errors import MailFailedError
from assay_hub.domain.mail import Letter

LETTER = Letter("Zoë Ünal", "zoe@example.org", "Invitation: Täglich 👩‍💻", "Hello\nZoë\n", "ada@example.org")


class Box:
    """Receives letters."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.sessions: list[Session] = []
        self.refusal = ""

    async def handle_DATA(self, _server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refusal:
            return self.refusal
        self.envelopes.append(envelope)
        self.sessions.append(session)
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@contextlib.contextmanager
def serving(box: Box, **options: object) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mailer(port: int, **changes: object) -> SmtpMailer:
    plain = {"host": "127.0.0.1", "starttls": False, "username": "", "password_file": None}
    return SmtpMailer(**{**plain, "port": port, "sender": "Assay <assay@example.org>", **changes})


@pytest.fixture
def box() -> Box:
    return Box()


def test_a_letter_arrives_whole(box):
    calendar = "BEGIN:VCALENDAR\r\nX:Zoë\r\nEND:VCALENDAR\r\n".encode()
    with serving(box) as port:
        mailer(port).send(Letter(**{**vars(LETTER), "calendar": calendar, "method": Method.REQUEST}))

    (letter,) = box.letters
    assert letter["From"] == "Assay <assay@example.org>"
    assert str(letter["To"]) == "Zoë Ünal <zoe@example.org>"
    assert letter["Subject"] == "Invitation: Täglich 👩‍💻"
    assert letter["Reply-To"] == "ada@example.org"
    assert letter["Message-ID"].endswith("@example.org>")
    assert letter.get_body(("plain",)).get_content().splitlines() == ["Hello", "Zoë"]
    (attached,) = letter.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "REQUEST"
    assert attached.get_filename() == "interview.ics"
    assert attached.get_payload(decode=True) == calendar
    assert box.envelopes[0].rcpt_tos == ["zoe@example.org"]


@pytest.mark.parametrize(
    "attack",
    [
        {"subject": "Hello\r\nBcc: everybody@example.org"},
        {"subject": "Hello\nBcc: everybody@example.org"},
        {"name": "Zoë\r\nBcc: everybody@example.org"},
        {"name": 'Zoë" <everybody@example.org>, "x'},
        {"email": "zoe@example.org\r\nBcc: everybody@example.org"},
        {"email": "zoe@example.org, everybody@example.org"},
        {"reply_to": "ada@example.org\r\nBcc: everybody@example.org"},
        {"text": "Hello\r\n.\r\nMAIL FROM:<x@example.org>\r\n"},
    ],
)
def test_nothing_in_a_letter_becomes_a_header_or_another_recipient(box, attack):
    with serving(box) as port, contextlib.suppress(MailFailedError):
        mailer(port).send(Letter(**{**vars(LETTER), **attack}))

    for letter, envelope in zip(box.letters, box.envelopes, strict=True):
        assert envelope.rcpt_tos == ["zoe@example.org"]
        assert letter["Bcc"] is None
        assert len(letter["To"].addresses) == 1
    assert len(box.letters) <= 1


def test_with_starttls_and_a_password_nothing_goes_over_an_open_line(box, tmp_path):
    server, client = certificate(tmp_path, "localhost")
    (tmp_path / "password").write_text("s3cret\n")
    asked: list[bool] = []

    def authenticate(
        _server: object, session: Session, _envelope: object, _way: str, given: LoginPassword
    ) -> AuthResult:
        asked.append(session.ssl is not None)
        right = (given.login, given.password) == (b"assay", b"s3cret")
        return AuthResult(success=right, handled=right)

    options = {"tls_context": server, "require_starttls": True, "authenticator": authenticate, "auth_required": True}
    with serving(box, **options) as port:
        signed_in = mailer(port, starttls=True, username="assay", password_file=tmp_path / "password", tls=client)
        signed_in.send(LETTER)
        (tmp_path / "password").write_text("wrong")
        with pytest.raises(MailFailedError) as refusal:
            signed_in.send(LETTER)

    assert len(box.letters) == 1
    assert box.sessions[0].ssl is not None
    assert set(asked) == {True}
    assert "user name and password" in refusal.value.detail


def test_a_server_without_starttls_or_with_another_name_gets_no_letter_and_no_password(box, tmp_path):
    (tmp_path / "password").write_text("s3cret")
    server, client = certificate(tmp_path, "other.example.org", address="127.0.0.9")

    with serving(box) as port, pytest.raises(MailFailedError):
        mailer(port, starttls=True, username="a", password_file=tmp_path / "password").send(LETTER)
    with serving(box, tls_context=server) as port, pytest.raises(MailFailedError) as refusal:
        mailer(port, starttls=True, tls=client).send(LETTER)

    assert "CERTIFICATE_VERIFY_FAILED" in refusal.value.detail
    assert box.letters == []


def test_a_refusal_of_the_server_is_told(box):
    box.refusal = "554 We take nothing"
    with serving(box) as port, pytest.raises(MailFailedError) as refusal:
        mailer(port).send(LETTER)

    assert "We take nothing" in refusal.value.detail


def test_a_server_that_is_not_there_or_says_nothing_is_an_error_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(MailFailedError) as refusal:
            mailer(port, timeout=0.3).send(LETTER)
    with pytest.raises(MailFailedError):
        mailer(port, timeout=0.3).send(LETTER)

    assert "does not answer" in refusal.value.detail


def test_a_missing_password_file_is_an_error_and_no_crash(box, tmp_path):
    with serving(box) as port, pytest.raises(MailFailedError):
        mailer(port, username="a", password_file=tmp_path / "none").send(LETTER)
