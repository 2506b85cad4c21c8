"""A link that signs one person in: a candidate into one interview, or a member of staff once."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class Link:
    """One link, without its secret.

    Attributes:
        id: for people who revoke it.
        secret_hash: hexadecimal SHA-256 of the secret in the link; the secret itself is kept nowhere.
        account: hub account that the link signs in.
        interview: the interview it is for; empty for staff.
        one_time: whether its first use ends it.
    """

    id: str
    secret_hash: str
    account: str
    display_name: str
    interview: str
    created_at: datetime
    expires_at: datetime
    one_time: bool
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_usable(self, now: datetime) -> bool:
        """Whether the link still signs somebody in."""
        return self.revoked_at is None and now < self.expires_at and not (self.one_time and self.used_at is not None)

    def use(self, now: datetime) -> "Link":
        """Return the link after it was opened."""
        return replace(self, used_at=self.used_at or now)

    def revoke(self, now: datetime) -> "Link":
        """Return the link after it was taken back; a second time changes nothing."""
        return replace(self, revoked_at=self.revoked_at or now)
