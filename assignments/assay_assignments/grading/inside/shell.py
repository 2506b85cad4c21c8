"""The shell of the candidate's process: IPython as a notebook has it, with its outputs kept in a bounded list."""

import base64
import io
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

MAX_OUTPUT_CHARACTERS = 1_000_000
_CUT = "\n… cut here: a cell may print a million characters"


class Screen:
    """What a cell shows, in nbformat's form, up to a million characters."""

    def __init__(self) -> None:
        self._outputs: list[dict[str, Any]] = []
        self._room = MAX_OUTPUT_CHARACTERS

    def clear(self, *, room: bool = True) -> None:
        """Forget everything; with ``room`` also how much there was."""
        self._outputs.clear()
        if room:
            self._room = MAX_OUTPUT_CHARACTERS

    def show(self, output: dict[str, Any], size: int) -> None:
        """Keep an output of about so many characters, unless the cell has shown too much before."""
        if self._room > 0:
            self._room -= size
            self._outputs.append(output if self._room >= 0 else _stream("stderr", _CUT))

    def write(self, name: str, text: str) -> None:
        """Keep what is printed to a stream."""
        if self._room <= 0 or not text:
            return
        kept = text[: self._room] + (_CUT if len(text) >= self._room else "")
        self._room -= len(text)
        if self._outputs and self._outputs[-1].get("name") == name:
            self._outputs[-1]["parts"].append(kept)
        else:
            self._outputs.append({**_stream(name, ""), "parts": [kept]})

    def outputs(self) -> list[dict[str, Any]]:
        """Return the outputs."""
        return [
            _stream(output["name"], "".join(output["parts"])) if "parts" in output else output
            for output in self._outputs
        ]

    def spoken(self) -> list[list[str]]:
        """Return the name and the text of each stream."""
        return [[output["name"], output["text"]] for output in self.outputs() if output["output_type"] == "stream"]

    def stream(self, name: str) -> io.TextIOBase:
        """Return a file whose text shows here."""
        return _Stream(self, name)


def _stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


class _Stream(io.TextIOBase):
    def __init__(self, screen: Screen, name: str) -> None:
        self._screen = screen
        self._name = name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError("write() argument must be str")
        self._screen.write(self._name, text)
        return len(text)

    def writable(self) -> bool:
        return True


def make_shell(screen: Screen) -> InteractiveShell:
    """Return a shell without history and start-up files, whose outputs show on a screen."""

    class Publisher(DisplayPublisher):
        def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:  # noqa: ARG002
            """Keep what a cell displays."""
            bundle = _bundle(data)
            screen.show({"output_type": "display_data", "data": bundle, "metadata": metadata or {}}, len(str(bundle)))

        def clear_output(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002  # IPython's signature
            """Forget what the cell displayed."""
            screen.clear(room=False)

    class Hook(DisplayHook):
        def write_output_prompt(self) -> None:
            """Print no prompt."""

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            """Keep a cell's value."""
            output = {"output_type": "execute_result", "data": _bundle(format_dict), "metadata": md_dict or {}}
            screen.show({**output, "execution_count": None}, len(str(output)))

    class Shell(InteractiveShell):
        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
            output = {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
            screen.show(output, len(str(output)))

        def enable_gui(self, gui: Any = None) -> None:
            """Open no window."""

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell: InteractiveShell = Shell.instance(config=config, displayhook_class=Hook, display_pub_class=Publisher)
    return shell


def _bundle(data: Any) -> dict[str, Any]:
    return {
        str(kind): base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in dict(data).items()
    }
