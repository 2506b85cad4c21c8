"""Which hub accounts may have a workspace."""

from assay_protocol.names import is_workspace_account


class NoWorkspaceError(Exception):
    """A server was asked for by an account that has no workspace, or a second one by one that has."""

    jupyterhub_message = "Only interviews and questions have a workspace."


def require_workspace(account: str, server_name: str) -> None:
    """Return when ``account`` may have the server.

    Raises:
        NoWorkspaceError: the account is neither ``iv-<id>`` nor ``qs-<id>``, or it is and the server has a name.
    """
    if not is_workspace_account(account) or server_name:
        raise NoWorkspaceError(f"Interviews and questions have a workspace, one each: not {account}/{server_name}")
