"""The configuration of a workspace's Jupyter server; the only place that sets it."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import jupyterlab
import notebook

from assay_extension import access, contents, kernels, pages, policy, sessions
from assay_extension.volume import ANCESTORS_VARIABLE, Volume
from assay_protocol.names import is_question_account

c = get_config()  # type: ignore[name-defined]
volume = Volume.from_environment()
volume.prepare()

# --- what runs -------------------------------------------------------------------------------------------------------
c.ServerApp.jpserver_extensions = {
    "assay_extension": True,
    "jupyter_server_fileid": True,
    "jupyterlab": True,
    "notebook": True,
    # Replaced by ours.
    "jupyter_server_ydoc": False,
    # Seconds of start-up, or addresses that an interview does without.
    "jupyter_lsp": False,
    "jupyter_server_nbmodel": False,
    "jupyter_server_terminals": False,
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.course_list": False,
    "nbgrader.server_extensions.formgrader": False,
    "nbgrader.server_extensions.validate_assignment": False,
}
# A workspace without recorder or access rules must not answer at all.
c.ServerApp.reraise_server_extension_failures = True
c.ServerApp.terminals_enabled = False
c.ServerApp.authorizer_class = access.WorkspaceAuthorizer
c.ServerApp.allow_unauthenticated_access = False
c.ServerApp.kernel_manager_class = kernels.RecordedKernels
c.ServerApp.session_manager_class = sessions.SharedSessions
c.ServerApp.kernel_websocket_connection_class = kernels.RecordedConnection
c.ServerApp.open_browser = False
# With a new secret after a restart, the pages that are open could not connect again.
c.ServerApp.cookie_secret_file = str(volume.record / "cookie_secret")
c.ServerApp.max_body_size = 64 * 1024 * 1024
c.ServerApp.max_buffer_size = 64 * 1024 * 1024
c.HubOAuth.cache_max_age = 15

# --- files -----------------------------------------------------------------------------------------------------------
c.ServerApp.root_dir = str(volume.notebooks)
c.ServerApp.contents_manager_class = contents.WorkspaceContents
c.ContentsManager.files_handler_class = contents.WorkspaceFilesHandler
c.ContentsManager.allow_hidden = False
c.FileContentsManager.delete_to_trash = False
c.FileContentsManager.use_atomic_writing = True
c.ContentsManager.checkpoints_class = contents.NoCheckpoints
c.BaseFileIdManager.db_path = str(volume.record / "file_ids.db")

# --- editing together ------------------------------------------------------------------------------------------------
c.YDocExtension.session_store_path = str(volume.record / "sessions.json")
c.YDocExtension.document_save_delay = 1
c.YDocExtension.document_cleanup_delay = None
c.YDocExtension.document_load_progressively = False

# --- pages -----------------------------------------------------------------------------------------------------------
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LabServerApp.copy_absolute_path = False
c.JupyterNotebookApp.custom_css = False
package = Path(policy.__file__).parent
labextensions = package / "labextension"
if labextensions.is_dir():
    for app in ("LabApp", "JupyterNotebookApp"):
        c[app].extra_labextensions_path = [str(labextensions)]

# The plug-ins that a screen does without, or that run script from outputs. An author marks cells for nbgrader.
authoring = is_question_account(os.environ.get("JUPYTERHUB_USER", ""))
os.environ["JUPYTER_CONFIG_PATH"] = str(package / ("authoring_config" if authoring else "page_config"))

public = urlsplit(os.environ.get("JUPYTERHUB_PUBLIC_URL", ""))
rooms = os.environ.get(ANCESTORS_VARIABLE, "").split()
templates = [Path(notebook.__file__).parent / "templates", Path(jupyterlab.__file__).parent / "static"]
c.ServerApp.tornado_settings = {
    # The page tells how things stand to the room that frames it, and to no other page.
    "page_config_data": {"assayRoomOrigin": rooms[0]} if rooms else {},
    "headers": policy.headers(
        policy.content_security_policy(
            server=f"{public.scheme}://{public.netloc}" if public.netloc else "",
            base_url=os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/"),
            ancestors=rooms,
            inline=pages.inline_scripts(templates),
        )
    ),
}
