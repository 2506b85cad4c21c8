"""Reads the command line and calls what it names."""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from assay_config import settings
from assay_hub.adapters.database import SqlDatabase, migrate
from assay_hub.adapters.database.filling import Filling, fill
from assay_hub.adapters.signing import Ed25519Verifier
from assay_hub.bootstrap import Application
from assay_hub.cli import grade, interviews, people, questions, recordings
from assay_hub.cli.acting import print_error
from assay_hub.cli.doctor import doctor
from assay_hub.cli.run import run
from assay_hub.domain.errors import AssayError, BadInputError
from assay_hub.domain.receipt import Receipt

_FEWEST_MEMBERS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 the answer is no, 2 it could not be done."""
    chosen = _parser().parse_args(arguments)
    try:
        code: int = chosen.command(chosen)
    except ValidationError as error:
        print(f"assay: the settings cannot be used: {error}", file=sys.stderr)
        return 2
    except (AssayError, OSError) as error:
        print_error(error)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="assay", description="Technical interviews in notebooks, on JupyterHub.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("run", help="start everything and print two links to open")
    command.set_defaults(command=lambda _: run(settings.read()))

    command = commands.add_parser("doctor", help="say what is there and what is missing, with its remedy")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=lambda chosen: doctor(settings.read(), as_json=chosen.json))

    command = commands.add_parser("sign-in", help="print a link that signs a member of staff in once")
    command.add_argument("account", help="name of the account, for example interviewer")
    command.set_defaults(command=_sign_in)

    for part in (grade, interviews, questions, people, recordings):
        part.add(commands)

    receipts = commands.add_parser("receipt", help="receipts of submissions").add_subparsers(
        required=True, metavar="COMMAND"
    )
    command = receipts.add_parser("verify", help="check a receipt's signature, and the submitted file if given")
    command.add_argument("receipt", type=Path, help="the receipt, a JSON file")
    command.add_argument("--submission", type=Path, help="the submitted zip file")
    command.add_argument("--key", help="the public key it must be signed with, hexadecimal; else this installation's")
    command.set_defaults(command=_verify_receipt)

    bench = commands.add_parser("bench", help="measuring").add_subparsers(required=True, metavar="COMMAND")
    command = bench.add_parser("data", help="fill the configured database with made-up interviews")
    command.add_argument("--interviews", type=int, default=100_000)
    command.add_argument("--tags", type=int, default=1_000)
    command.add_argument("--members", type=int, default=200)
    command.add_argument("--seed", type=int, default=1, help="the same seed makes the same rows")
    command.set_defaults(command=_bench_data)
    return parser


def _bench_data(chosen: argparse.Namespace) -> int:
    read = settings.read()
    filling = Filling(chosen.interviews, chosen.tags, chosen.members, chosen.seed)
    if filling.interviews < 0 or filling.tags < 1 or filling.members < _FEWEST_MEMBERS:
        raise BadInputError(f"It takes a tag and {_FEWEST_MEMBERS} members at least.")
    migrate(read.database_url)
    database = SqlDatabase(read.database_url)
    fill(database, filling)
    database.close()
    print(f"{filling.interviews} interviews, {filling.tags} tags and {filling.members} members are there.")
    return 0


def _sign_in(chosen: argparse.Namespace) -> int:
    read = settings.read()
    migrate(read.database_url)
    print(Application(read).make_links.for_staff(chosen.account))
    return 0


def _verify_receipt(chosen: argparse.Namespace) -> int:
    receipt = Receipt.from_json(chosen.receipt.read_bytes())
    key = chosen.key or Application(settings.read()).receipt_signer.public_key
    if receipt.public_key != key:
        print(f"Not ours: signed with the key {receipt.public_key}, expected {key}.")
        return 1
    if not Ed25519Verifier().verify(receipt):
        print("Not genuine: the signature does not fit the receipt.")
        return 1
    if chosen.submission is not None:
        digest = _sha256(chosen.submission)
        if digest != receipt.sha256:
            print(f"Genuine receipt, but for another file: this one has SHA-256 {digest}.")
            return 1
    print(f"Genuine: interview {receipt.interview}, handed in at {receipt.at}, SHA-256 {receipt.sha256}.")
    return 0


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise BadInputError(f"There is no file {path}.")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
