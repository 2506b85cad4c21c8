"""Hub account names that carry a meaning: workspaces, candidates and the service's own agent."""

import re
from typing import Final

AGENT: Final = "assay-agent"
"""The hub account whose short-lived, one-server tokens the service uses to call a workspace."""

WORKSPACE_PREFIX: Final = "iv-"
QUESTION_PREFIX: Final = "qs-"
"""Begins the account of a workspace in which staff edit a question; nothing that is for interviews touches it."""
CANDIDATE_PREFIX: Final = "cand-"
MACHINE_PREFIXES: Final = (WORKSPACE_PREFIX, QUESTION_PREFIX, CANDIDATE_PREFIX, "assay-")
"""Accounts with one of these prefixes never log in with a password."""

_INTERVIEW_ID = re.compile(r"[a-z2-7]{10}")


def is_interview_id(text: str) -> bool:
    """Whether ``text`` has the form of an interview's id: ten characters of lower-case base 32 (a DNS label)."""
    return _INTERVIEW_ID.fullmatch(text) is not None


def workspace_account(interview_id: str) -> str:
    """Return the hub account that owns the workspace of an interview."""
    return WORKSPACE_PREFIX + interview_id


def question_account(editing_id: str) -> str:
    """Return the hub account that owns the workspace in which a question is edited; its id has an interview's form."""
    return QUESTION_PREFIX + editing_id


def is_workspace_account(name: str) -> bool:
    """Whether an account may have a workspace: an interview's, or that of a question that is edited."""
    prefix, dash, rest = name.partition("-")
    return prefix + dash in {WORKSPACE_PREFIX, QUESTION_PREFIX} and is_interview_id(rest)


def is_question_account(name: str) -> bool:
    """Whether an account owns the workspace in which a question is edited."""
    return name.startswith(QUESTION_PREFIX) and is_workspace_account(name)


def candidate_account(interview_id: str) -> str:
    """Return the hub account of the candidate of an interview."""
    return CANDIDATE_PREFIX + interview_id


def is_machine_account(name: str) -> bool:
    """Whether an account belongs to a workspace, to a candidate's link or to the service itself."""
    return name.startswith(MACHINE_PREFIXES)
