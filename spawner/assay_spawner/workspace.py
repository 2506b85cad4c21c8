"""What a workspace is to the hub, whatever runs it: its page, its token's rights, and its way past the confirm page."""

from typing import Any

from jupyterhub import orm
from traitlets import Bool, default
from traitlets.config import Configurable

from assay_protocol.names import is_question_account


class WorkspaceSpawner(Configurable):
    """Mix-in of the spawners, before the spawner that it is mixed into."""

    user: Any
    db: Any
    api_token: str
    oauth_client_id: str

    will_resume = True
    """Keeps the hub from ending everybody's login into the workspace with each stop: open pages find it again."""

    delete_volumes = Bool(
        False,  # noqa: FBT003 - the default of a trait
        help="Delete the contents of a volume together with its account.",
    ).tag(config=True)

    @property
    def deletes_volume(self) -> bool:
        """Whether the contents go with the account; those of a question's workspace are kept as versions elsewhere."""
        return self.delete_volumes or is_question_account(self.user.name)

    @default("default_url")
    def _default_page(self) -> str:
        return "/tree"

    @default("disable_user_config")
    def _default_disable_user_config(self) -> bool:
        return True

    @default("server_token_scopes")
    def _default_token_scopes(self) -> list[str]:
        return ["users:activity!user"]

    def clear_state(self) -> None:
        """Forget the server that ran; its own token ends with it."""
        token = orm.APIToken.find(self.db, self.api_token) if self.api_token else None
        if token is not None:
            self.db.delete(token)
            self.db.commit()
        super().clear_state()  # type: ignore[misc]

    def _skip_confirm_page(self) -> None:
        # Held in memory by the hub, so it is said again for each server that outlived a hub.
        if self.user is not None:
            self.user.settings["oauth_no_confirm_list"].add(self.oauth_client_id)
