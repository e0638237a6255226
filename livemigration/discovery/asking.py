"""Asking a source for its hosts: as the inventory that is added to says of connection and account.

Each source is one machine, asked once, so that a wrong password counts as one failed logon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials
from livemigration.discovery.ansible import ask_ansible
from livemigration.discovery.cluster import ask_cluster
from livemigration.discovery.existing import Existing
from livemigration.discovery.found import Found
from livemigration.discovery.source import Kind, Source
from livemigration.discovery.vmm import ask_vmm
from livemigration.gather.connect import Target, connector
from livemigration.gather.reached import Reached
from livemigration.inventory.credentials import CredentialSource, password_variables
from livemigration.inventory.directory import DirectoryServer, server_for
from livemigration.inventory.file import InventoryMachine, VmmServer
from livemigration.inventory.inventory import Inventory
from livemigration.wsman.manners import Manners

Read = Callable[[CredentialSource], Credentials]
# Returns what reads the credentials of an inventory's sources.
Reader = Callable[[Inventory], Read]


def ask(
    source: Source, own: Existing, reader: Reader, now: datetime, at: str | None = None
) -> Found:
    """Return what a source says.

    Args:
        source: who is asked.
        own: the inventory that is added to: it says how its machines are reached.
        reader: returns what reads the accounts of an inventory.
        now: what the silence of accounts is counted to.
        at: the address of a VMM server or a cluster, where it is not its name.

    Raises:
        NotFoundError: it does not answer as it should.
        UsageError: nobody can sign in, or the inventory is not usable.
    """
    if source.kind is Kind.ANSIBLE:
        return ask_ansible(Path(source.name), password_variables(own.asking().sources))
    if source.kind is Kind.DIRECTORY:
        return _directory(source.name, own, reader, now)
    machine = InventoryMachine(name=source.name, address=at)
    if source.kind is Kind.VMM:
        machine = server_named(own, source.name, at)
    target = _target(machine, own, reader)
    connect, until = connector(manners=Manners()), Deadline.after(target.limits.host)
    if source.kind is Kind.CLUSTER:
        return ask_cluster(target, connect, until)
    return replace(ask_vmm(target, connect, until), at=at)


def server_named(own: Existing, name: str, at: str | None) -> VmmServer:
    """Return a VMM server as an inventory has it, or as it is named."""
    known = own.server(name)
    if known is None:
        return VmmServer(name=name, address=at)
    return known if at is None else known.model_copy(update={"address": at})


def _target(machine: InventoryMachine, own: Existing, reader: Reader) -> Target:
    inventory = own.asking(machine)
    return Reached(inventory, reader(inventory)).target(machine, None)


def _directory(domain: str, own: Existing, reader: Reader, now: datetime) -> Found:
    from livemigration.discovery.directory import ask_directory  # noqa: PLC0415 - loads what LDAP needs

    entry = server_for(own.file.directories, domain) or DirectoryServer(domain=domain)
    inventory = own.asking(directory=entry)
    (target,) = Reached(inventory, reader(inventory)).directories(None)
    return ask_directory(target, domain, now, Deadline.after(entry.time_limit))
