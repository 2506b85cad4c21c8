"""Hub account names that carry a meaning: workspaces, candidates and the service's own agent."""

import re
from typing import Final

AGENT: Final = "assay-agent"
"""The hub account whose short-lived, one-server tokens the service uses to call a workspace."""

WORKSPACE_PREFIX: Final = "iv-"
CANDIDATE_PREFIX: Final = "cand-"
MACHINE_PREFIXES: Final = (WORKSPACE_PREFIX, CANDIDATE_PREFIX, "assay-")
"""Accounts with one of these prefixes never log in with a password."""

_INTERVIEW_ID = re.compile(r"[a-z2-7]{10}")


def is_interview_id(text: str) -> bool:
    """Whether ``text`` has the form of an interview's id: ten characters of lower-case base 32 (a DNS label)."""
    return _INTERVIEW_ID.fullmatch(text) is not None


def workspace_account(interview_id: str) -> str:
    """Return the hub account that owns the workspace of an interview."""
    return WORKSPACE_PREFIX + interview_id


def candidate_account(interview_id: str) -> str:
    """Return the hub account of the candidate of an interview."""
    return CANDIDATE_PREFIX + interview_id


def is_machine_account(name: str) -> bool:
    """Whether an account belongs to a workspace, to a candidate's link or to the service itself."""
    return name.startswith(MACHINE_PREFIXES)
