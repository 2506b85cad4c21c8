"""The receipt for a submission: what was handed in, when, and the service's signature over it."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from assay_hub.domain.errors import BadInputError

FORMAT = "assay-receipt-1"


@dataclass(frozen=True)
class Receipt:
    """What a candidate keeps.

    Attributes:
        sha256: of the submitted zip file, hexadecimal.
        size: of that file, in bytes.
        at: when it was handed in, ISO 8601 in UTC.
        recording_seq: number of the last recorded event before it.
        recording_head: hexadecimal digest of the recording's hash chain at that event.
        public_key: the service's Ed25519 key, hexadecimal.
        signature: Ed25519 over ``signed_text()``, hexadecimal.
    """

    interview: str
    sha256: str
    size: int
    at: str
    recording_seq: int
    recording_head: str
    public_key: str
    signature: str = ""

    def signed_text(self) -> bytes:
        """Return the bytes that are signed: the format's name and every member but the signature, keys sorted."""
        members = {key: value for key, value in asdict(self).items() if key != "signature"}
        return (FORMAT + "\n" + json.dumps(members, sort_keys=True, separators=(",", ":"))).encode()

    def to_json(self) -> str:
        """Return the receipt as the file that people download."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: bytes | str) -> "Receipt":
        """Read a receipt.

        Raises:
            BadInputError: it is no receipt of this format.
        """
        try:
            body: dict[str, Any] = json.loads(text)
            if body.pop("format") != FORMAT:
                raise BadInputError("This is no receipt of Assay.")
            receipt = cls(**body)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BadInputError("This is no receipt of Assay.") from error
        numbers = (receipt.size, receipt.recording_seq)
        texts = (value for key, value in asdict(receipt).items() if key not in {"size", "recording_seq"})
        if not all(type(number) is int for number in numbers) or not all(isinstance(text, str) for text in texts):
            raise BadInputError("This is no receipt of Assay.")
        return receipt
