"""Hides whose answers about fairness are whose."""

import base64
import hashlib
import hmac
import json

from cryptography.fernet import Fernet, InvalidToken

_STEP = 1024


class SecretSurveyKeys:
    """Makes keys and seals answers with secrets that are derived from one file, which is not in the database.

    Args:
        secret: 32 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._names = hmac.digest(secret, b"survey-keys", hashlib.sha256)
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"survey-answers", hashlib.sha256)))

    def key(self, interview_id: str) -> str:
        """Return the key of the answers of an interview's candidate."""
        return hmac.new(self._names, interview_id.encode(), hashlib.sha256).hexdigest()

    def seal(self, text: str) -> str:
        """Return what may be stored: neither its content, nor its length, nor its time can be read."""
        body = json.dumps(text).encode()
        padded = body.ljust(-(-len(body) // _STEP) * _STEP)
        return self._fernet.encrypt_at_time(padded, 0).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            ValueError: it was sealed with another key.
        """
        try:
            return str(json.loads(self._fernet.decrypt(sealed)))
        except InvalidToken as error:
            raise ValueError("this was sealed with another key") from error
