"""Which hub accounts may have a workspace."""

from assay_protocol.names import WORKSPACE_PREFIX, is_interview_id


class NotAnInterviewError(Exception):
    """A server was asked for by an account that is no interview's, or a second one by an interview's."""

    jupyterhub_message = "Only interviews have a workspace."


def is_interview_account(name: str) -> bool:
    """Whether a hub account is an interview's."""
    return name.startswith(WORKSPACE_PREFIX) and is_interview_id(name.removeprefix(WORKSPACE_PREFIX))


def require_interview(account: str, server_name: str) -> None:
    """Return when ``account`` may have the server.

    Raises:
        NotAnInterviewError: the account is not ``iv-<id>``, or it is and the server has a name.
    """
    if not is_interview_account(account) or server_name:
        raise NotAnInterviewError(f"Only interviews have a workspace, and one each: not {account}/{server_name}")
