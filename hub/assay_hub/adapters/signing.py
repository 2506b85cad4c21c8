"""Signatures: Ed25519 under receipts, HMAC in links; and secrets that are kept under a seal."""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from itsdangerous import BadSignature, Signer

from assay_hub.domain.receipt import Receipt


class Ed25519Signer:
    """Signs receipts with the installation's key."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        """Ed25519 public key, hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, text: bytes) -> str:
        """Return the hexadecimal signature."""
        return self._key.sign(text).hex()


class Ed25519Verifier:
    """Checks receipts; needs no key of its own."""

    def verify(self, receipt: Receipt) -> bool:
        """Whether the signature fits the receipt's text and public key."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(receipt.public_key))
            key.verify(bytes.fromhex(receipt.signature), receipt.signed_text())
        except (ValueError, InvalidSignature):
            return False
        return True


class HmacLinkSigner:
    """Signs the secrets inside links, so that a made-up link never reaches the database."""

    def __init__(self, key: bytes) -> None:
        self._signer = Signer(key, salt="assay-link", sep=".")

    def sign(self, secret: str) -> str:
        """Return the signed form that stands in a link."""
        return self._signer.sign(secret).decode("ascii")

    def secret(self, signed: str) -> str | None:
        """Return the secret inside, ``None`` when the signature is not ours."""
        try:
            return self._signer.unsign(signed).decode("ascii")
        except (BadSignature, UnicodeError):
            return None


class FernetSealer:
    """Encrypts secrets that have to be read again with the installation's key.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, secret: str) -> str:
        """Return what may be stored."""
        return self._fernet.encrypt(secret.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """Return the secret.

        Raises:
            ValueError: it was sealed with another key, or by somebody else.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ValueError("this secret was sealed with another key") from error
