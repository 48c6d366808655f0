"""Options of the commands that reach a shop, a server or photos: hosts, certificates."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..net import NetworkAccess
from ..net.network_access import parse_origin


def add_network(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("network").add_argument
    add("--allow-host", dest="allowed_hosts", action="append", default=[], type=_origin,
        metavar="SCHEME://NAME[:PORT]",
        help="let exactly this host through, on this machine or in your own network: a "
        "staging shop and the photos on it; again for others")  # fmt: skip
    add("--ca", type=Path, metavar="FILE",
        help="PEM certificates that shop and server must have, in place of the public "
        "ones; photos may have either")  # fmt: skip
    add("--insecure", action="store_true",
        help="send keys over http:// to other machines too; certificates are verified "
        "all the same")  # fmt: skip


def network_access(chosen: argparse.Namespace) -> NetworkAccess:
    """What was let through; one object a run, which keeps to the first addresses."""
    return NetworkAccess(*chosen.allowed_hosts, ca=chosen.ca, insecure=chosen.insecure)


def _origin(text: str) -> str:
    try:
        return str(parse_origin(text))
    except ValueError as e:
        raise argparse.ArgumentTypeError(str(e)) from None
