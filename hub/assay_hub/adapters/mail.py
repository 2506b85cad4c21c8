"""Sends letters by SMTP; headers are built from parts, so that nothing in a name or a title becomes a header."""

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid, parseaddr
from pathlib import Path

from assay_hub.domain.errors import MailFailedError
from assay_hub.domain.mail import Letter

TIMEOUT_SECONDS = 15
_TLS_PORT = 465
_SHOWN_CHARACTERS = 300


@dataclass(frozen=True)
class SmtpMailer:
    """Sends letters through one mail server.

    Attributes:
        port: on 465 TLS comes first, as RFC 8314 has it; on others STARTTLS, if it is asked for.
        starttls: refuse to go on without TLS.
        username: empty to send without signing in.
        password_file: where the password lies; read at every letter, so that it can be replaced.
        sender: ``assay@example.org`` or ``Assay <assay@example.org>``.
        tls: what proves the server's name; the usual authorities without it.
    """

    host: str
    port: int
    starttls: bool
    username: str
    password_file: Path | None
    sender: str
    tls: ssl.SSLContext | None = None
    timeout: float = TIMEOUT_SECONDS

    def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises:
            MailFailedError: it was not sent; the detail says why.
        """
        try:
            message = self._message(letter)
            with self._connection() as server:
                server.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailFailedError(_reason(error)) from error

    def _connection(self) -> smtplib.SMTP:
        tls = self.tls or ssl.create_default_context()
        if self.port == _TLS_PORT:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=tls)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.starttls and self.port != _TLS_PORT:
                server.starttls(context=tls)
            if self.username:
                password = self.password_file.read_text().strip() if self.password_file else ""
                server.login(self.username, password)
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, letter: Letter) -> EmailMessage:
        name, address = parseaddr(self.sender)
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(letter.name, addr_spec=letter.email)
        message["Subject"] = letter.subject
        message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        if letter.reply_to:
            message["Reply-To"] = Address(addr_spec=letter.reply_to)
        message.set_content(letter.text)
        if letter.calendar:
            message.add_attachment(
                letter.calendar,
                maintype="text",
                subtype="calendar",
                filename="interview.ics",
                params={"charset": "utf-8", "method": letter.method.value},
            )
        return message


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        error = smtplib.SMTPException("; ".join(str(answer) for answer in error.recipients.values()))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "The mail server does not accept the user name and password of the settings."
    if isinstance(error, TimeoutError | smtplib.SMTPServerDisconnected):
        return "The mail server does not answer, or broke off."
    return f"The mail server could not take it: {error}"[:_SHOWN_CHARACTERS]
