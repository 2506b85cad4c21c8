"""``assay recording``: recordings as files, and the proof that nothing of them was changed."""

import argparse
import sys
from pathlib import Path
from typing import Any

from assay_hub.adapters.signing import Ed25519Verifier
from assay_hub.cli.acting import acting, options, print_json_object
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.recording import BadExportError, Check, check, imported


def add(commands: Any) -> None:
    """Add the commands to a parser."""
    recordings = commands.add_parser("recording", help="recordings of interviews").add_subparsers(
        required=True, metavar="COMMAND"
    )
    command = recordings.add_parser("export", parents=[options()], help="write the raw events, one a line")
    command.add_argument("interview", help="id of the interview")
    command.add_argument("--output", "-o", type=Path, help="a file; standard output without")
    command.set_defaults(command=_export)

    command = recordings.add_parser(
        "verify",
        parents=[options()],
        help="prove that nothing was changed or is missing: of a stored recording, or of an exported file",
    )
    command.add_argument("recording", help="id of an interview, or an exported file")
    command.add_argument(
        "--receipt", type=Path, help="the receipt of the submission: its signature covers the recording"
    )
    command.set_defaults(command=_verify)


def _export(chosen: argparse.Namespace) -> int:
    here = acting(chosen)
    lines = here.application.replay.export(here.person, chosen.interview)
    if chosen.output is None:
        sys.stdout.buffer.writelines(lines)
        return 0
    partial = chosen.output.with_name(f".{chosen.output.name}.part")
    try:
        with partial.open("wb") as file:
            file.writelines(lines)
        partial.replace(chosen.output)
    finally:
        partial.unlink(missing_ok=True)
    return 0


def _verify(chosen: argparse.Namespace) -> int:
    path = Path(chosen.recording)
    receipt = Receipt.from_json(chosen.receipt.read_bytes()) if chosen.receipt else None
    at = receipt.recording_seq if receipt is not None else 0

    if path.is_file():
        with path.open("rb") as file:
            try:
                interview, lines = imported(file)
                found = check(interview, lines, at)
            except BadExportError as error:
                raise BadInputError(str(error)) from error
    else:
        here = acting(chosen)
        interview = chosen.recording
        found = here.application.replay.check(here.person, interview, at)
    problems = [*_problems(found), *(_against(receipt, interview, found) if receipt is not None else [])]
    if chosen.json:
        print_json_object(
            {"interview": interview, "events": found.events, "head": found.head.digest.hex(), "problems": problems}
        )
    else:
        for problem in problems:
            print(problem)
        if not problems:
            print(
                f"Whole: {found.events} events of interview {interview}; the chain ends in {found.head.digest.hex()}."
            )
    return 1 if problems else 0


def _problems(found: Check) -> list[str]:
    changed = [] if found.broken_at is None else [f"Changed: the chain is broken at event {found.broken_at}."]
    return changed + [f"Missing: events {first} to {last}." for first, last in found.missing]


def _against(receipt: Receipt, interview: str, found: Check) -> list[str]:
    if not Ed25519Verifier().verify(receipt):
        return ["The receipt is not genuine: its signature does not fit."]
    if receipt.interview != interview:
        return [f"The receipt is that of interview {receipt.interview}."]
    if receipt.recording_seq and found.passed is None:
        return [f"Missing: the receipt was given after event {receipt.recording_seq}."]
    if found.passed is not None and found.passed.hex() != receipt.recording_head:
        return [f"Changed: the receipt was given for another recording up to event {receipt.recording_seq}."]
    return []
