"""Settings: one frozen tree, read once from ``assay.toml`` in the data folder and from ``ASSAY_…`` variables.

A variable wins over the file. Nested names are joined by two underscores: ``ASSAY_WORKSPACE__MEMORY=2G``.
"""

import hashlib
import os
import re
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, StringConstraints, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

SERVICE = "assay"
"""Name of the hub service."""

SERVICE_PREFIX = f"/services/{SERVICE}/"

Size = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*[KMG]$")]
"""A number of bytes with a binary unit: ``512M``, ``2G``."""


class Environment(StrEnum):
    """Where this installation runs: production refuses every fallback that weakens isolation."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Engine(StrEnum):
    """What runs a workspace: containers, local processes without isolation, or containers where an engine answers."""

    AUTO = "auto"
    DOCKER = "docker"
    PROCESS = "process"


class JoinsAs(StrEnum):
    """What somebody becomes in the team who signs in for the first time."""

    NOTHING = ""
    VIEWER = "viewer"
    REVIEWER = "reviewer"
    INTERVIEWER = "interviewer"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkspaceSettings(_Section):
    """Limits and network of the workspaces."""

    engine: Engine = Field(Engine.AUTO, description="auto, docker or process (no isolation; refused in production)")
    image: str = Field("", description="image of a workspace; empty: the one built from spawner/image")
    memory: Size = Field("1G", description="memory of one workspace, swap included")
    cpus: PositiveFloat = Field(1.0, description="processor cores of one workspace")
    disk: Size = Field("1G", description="size of the volume of one workspace")
    processes: PositiveInt = Field(256, description="processes and threads in one workspace")
    subnets: str = Field("172.30.0.0/16", description="IPv4 pool from which each workspace gets a network of its own")


class LoginSettings(_Section):
    """How staff log in."""

    authenticator: str = Field(
        "nativeauthenticator.NativeAuthenticator", description="class of the JupyterHub authenticator for staff"
    )
    options: dict[str, Any] = Field(
        default_factory=dict, description="traits of that authenticator, as in jupyterhub_config.py"
    )
    admins: tuple[str, ...] = Field(("interviewer",), description="staff accounts that administer the hub")
    allow_all: bool = Field(default=False, description="let everyone in whom the authenticator knows, not only admins")
    joins_as: JoinsAs = Field(
        JoinsAs.INTERVIEWER,
        description="what a newcomer becomes: viewer, reviewer, interviewer; empty: nothing until an admin says so",
    )


class LinkSettings(_Section):
    """How long links live."""

    candidate_days: PositiveInt = Field(14, description="days until a candidate's link expires")
    sign_in_minutes: PositiveInt = Field(24 * 60, description="minutes until a staff sign-in link expires unused")


class LimitSettings(_Section):
    """Bounds on what people send."""

    body_bytes: PositiveInt = Field(1_000_000, description="largest request body, in bytes")
    submission_bytes: PositiveInt = Field(50_000_000, description="largest submission, uncompressed, in bytes")
    upload_bytes: PositiveInt = Field(500_000_000, description="largest upload of a batch, in bytes")
    note_characters: PositiveInt = Field(50_000, description="longest private note, in characters")


class GradingSettings(_Section):
    """The sandbox in which submissions are graded."""

    image: str = Field("", description="image of the sandbox; empty: the workspace image")
    seccomp: Path | None = Field(None, description="seccomp profile of the sandbox; without: the one of a workspace")
    memory: Size = Field("1G", description="memory of one sandbox; each worker of a batch has its own")
    cell_seconds: PositiveFloat = Field(30.0, description="processor seconds of one cell")
    wall_seconds: PositiveFloat = Field(600.0, description="wall-clock seconds of one submission")
    workers: PositiveInt = Field(2, le=64, description="notebooks of a batch that are graded at the same time")


class MailSettings(_Section):
    """The mail server through which candidates are invited."""

    host: str = Field("", description="mail server; empty: invitations are texts to copy")
    port: PositiveInt = Field(587, le=65535, description="its port; on 465 TLS comes first")
    starttls: bool = Field(default=True, description="refuse to send without STARTTLS")
    username: str = Field("", description="user name at the mail server; empty: none is asked for")
    password_file: Path | None = Field(None, description="file that holds the password, and nothing else")
    sender: str = Field("", description="From of invitations, such as Assay <assay@example.org>")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host and not re.fullmatch(r"([^<>@\r\n]* <[^\s<>@]+@[^\s<>@]+>)|([^\s<>@]+@[^\s<>@]+)", self.sender):
            raise ValueError("mail.host needs mail.sender, such as Assay <assay@example.org>")
        if self.username and self.password_file is None:
            raise ValueError("mail.username needs mail.password_file")
        if self.username and not self.starttls and self.port != 465:  # noqa: PLR2004  # the port of SMTP over TLS
            raise ValueError("mail.username needs mail.starttls: no password goes over an open line")
        return self


class WebhookSettings(_Section):
    """News to other systems."""

    allow_private: bool = Field(
        default=False, description="call receivers on this machine and on private networks too, and without TLS"
    )


class ReportSettings(_Section):
    """Reports as PDF files."""

    chromium: str = Field("", description="path of Chromium, which prints reports; empty: found on the system")
    seconds: PositiveFloat = Field(60.0, description="wall-clock seconds until a print is given up")
    memory: Size = Field("1G", description="memory of one print")


class SurveyItemSettings(_Section):
    """One question of the questionnaire about fairness."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    text: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    options: Annotated[tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...], Field(min_length=2)]


class SurveySettings(_Section):
    """The questionnaire about fairness, for adverse-impact tables."""

    ask: bool = Field(default=False, description="let candidates answer it, of their own accord, after handing in")
    items: tuple[SurveyItemSettings, ...] = Field(
        (), description="its questions, each with id, text and options; empty: gender and age; an id keeps its meaning"
    )


class Settings(BaseSettings):
    """Everything that an administrator may set."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="ASSAY_", env_nested_delimiter="__", extra="forbid")

    environment: Environment = Field(Environment.DEVELOPMENT, description="development or production")
    data: Path = Field(Path(".assay"), description="folder of everything that is kept")
    port: PositiveInt = Field(8000, le=65532, description="public port; the three after it are used on loopback")
    bind: str = Field("127.0.0.1", description="address on which the public port listens")
    public_url: str = Field("", description="address that people open; empty: http://assay.localhost:<port>")
    database: str = Field("", description="SQLAlchemy URL; empty: an SQLite file in the data folder")
    library: Path = Field(Path("assignments/library"), description="folder of the official questions; only read")
    own_library: Path | None = Field(
        None, description="folder of the team's own; empty: own-questions in the data folder"
    )
    formats: Path = Field(Path("assignments/formats"), description="folder of the empty editors")
    workspace: WorkspaceSettings = WorkspaceSettings()
    login: LoginSettings = LoginSettings()
    links: LinkSettings = LinkSettings()
    limits: LimitSettings = LimitSettings()
    grading: GradingSettings = GradingSettings()
    mail: MailSettings = MailSettings()
    webhooks: WebhookSettings = WebhookSettings()
    report: ReportSettings = ReportSettings()
    survey: SurveySettings = SurveySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then variables, then the file."""
        file = Path(os.environ.get("ASSAY_DATA", ".assay")) / "assay.toml"
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        url = urlsplit(self.url)
        if url.scheme not in {"http", "https"} or not url.hostname or url.path not in {"", "/"}:
            raise ValueError(f"public_url must be like https://assay.example.org, not {self.public_url!r}")
        if "." not in url.hostname or re.fullmatch(r"[0-9.]+|.*:.*", url.hostname):
            raise ValueError("public_url needs a host name with a dot: each interview gets a subdomain of it")
        if self.environment is Environment.PRODUCTION:
            if url.scheme != "https":
                raise ValueError("production needs an https public_url")
            if self.workspace.engine is Engine.PROCESS:
                raise ValueError("production needs a container engine: local processes give no isolation")
        return self

    @property
    def url(self) -> str:
        """The public address without a final slash."""
        return (self.public_url or f"http://assay.localhost:{self.port}").rstrip("/")

    @property
    def host(self) -> str:
        """Public host name with its port if it is not the scheme's own."""
        return urlsplit(self.url).netloc

    def origin(self, label: str) -> str:
        """Return the origin of a subdomain: the service's (``desk``) or a workspace's (``iv-…``)."""
        scheme, host = self.url.split("://", 1)
        return f"{scheme}://{label}.{host}"

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies can be marked ``Secure``: over https, and on ``*.localhost``, which browsers trust too."""
        url = urlsplit(self.url)
        return url.scheme == "https" or (url.hostname or "").endswith(".localhost")

    @property
    def isolated(self) -> bool:
        """Whether containers hold the workspaces; the hub decides ``auto`` before the service starts."""
        return self.workspace.engine is not Engine.PROCESS

    @property
    def desk_url(self) -> str:
        """Address of the service's pages, with a final slash."""
        return self.origin("desk") + SERVICE_PREFIX

    @property
    def hub_port(self) -> int:
        """Port of the hub's own API, on loopback and on each workspace's gateway."""
        return self.port + 1

    @property
    def proxy_api_port(self) -> int:
        """Port of the proxy's API, on loopback."""
        return self.port + 2

    @property
    def service_port(self) -> int:
        """Port of the service, on loopback."""
        return self.port + 3

    @cached_property
    def folder(self) -> Path:
        """The data folder, absolute."""
        return self.data.expanduser().absolute()

    @property
    def own_folder(self) -> Path:
        """The folder of the team's own questions, absolute."""
        return (self.own_library or self.folder / "own-questions").absolute()

    @property
    def installation(self) -> str:
        """Twelve letters that tell this installation's containers and networks from another's on the machine."""
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return digest.translate(str.maketrans("0123456789", "ghijklmnop"))

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of Assay's own database."""
        return self.database or f"sqlite:///{self.folder / 'assay.sqlite'}"


def read() -> Settings:
    """Read the settings.

    Raises:
        pydantic.ValidationError: a value is missing its form, or values contradict each other.
    """
    return Settings()
