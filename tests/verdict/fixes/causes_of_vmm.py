"""Causes that VMM has: its rating, its record of a host, its server."""

from __future__ import annotations

from cause_told import FIRST, SECOND, Told
from fix_rows import ADDRESSES, BOTH, MACHINE, SERVER

from livemigration.facts.vmm import Probe
from livemigration.verdict.fixes import (
    rating,
    reach,
    records,
    service,
    vmm,
)
from livemigration.verdict.references import KB_2853203, SET_UP_HOSTS

OF_RATING = (
    Told(
        lambda: rating.read_rating(MACHINE, "app01", known_bug=True),
        "Find out why VMM rates",
        "rating is zero: a connection was refused (0x8007274D)",
        "rated zero",
        "KB 2853203, a lost listener or a wrong address",
        (("Virtual machine", "app01"),),
    ),
    Told(
        lambda: rating.read_rating(MACHINE, "app01", known_bug=False),
        "Find out why VMM rates",
        "VMM's rating is zero",
        "rated zero",
        "with VMM's own reasons",
        (("Virtual machine", "app01"),),
    ),
    Told(
        lambda: rating.unaffected_refusal(MACHINE, "app01"),
        "Find out what refuses connections",
        "a connection was refused",
        "rated zero",
        "Something refused",
        (("Virtual machine", "app01"),),
    ),
    Told(
        lambda: reach.prove_by_hand(MACHINE, ADDRESSES, "hv08 and hv09"),
        "See whether the other hosts reach",
        "show no way to a listener",
        "no way shown",
        "If there is no way",
        (("Listens on", BOTH), ("No way from", "hv08 and hv09")),
    ),
)

OF_RECORDS = (
    Told(
        lambda: records.refresh_record(MACHINE, "CredSSP", "Kerberos"),
        "Refresh",
        "other settings on record",
        "record differs",
        "by its record",
        (("VMM has", "CredSSP"), ("The host has", "Kerberos")),
    ),
    Told(
        lambda: records.refresh_record(MACHINE),
        "Refresh",
        "other settings on record",
        "record differs",
        "by its record",
    ),
    Told(
        lambda: records.missing_record(MACHINE),
        "why VMM does not list",
        "or the account may not see it",
        "not in VMM",
        "and no others",
    ),
    Told(
        lambda: records.reach_host(MACHINE, ("Agent:\nstopped", "WinRM: none"), "Not\nResponding"),
        "Let VMM reach",
        "reports that it does not reach",
        "VMM has no way",
        "is no evidence",
        (("CommunicationState", "Not Responding"), ("VMM says", "Agent: stopped; WinRM: none")),
    ),
    Told(
        lambda: records.reach_host(MACHINE, ()),
        "Let VMM reach",
        "reports that it does not reach",
        "VMM has no way",
        "is no evidence",
        (("CommunicationState", "not stated"), ("VMM says", "nothing more")),
    ),
    Told(
        lambda: records.reach_host(MACHINE, (), "77", known=False),
        "See in the VMM console whether VMM reaches",
        "without a known meaning",
        "state unknown",
        "If VMM does not reach",
        (("CommunicationState", "77"), ("VMM says", "nothing more")),
    ),
    Told(
        lambda: records.end_maintenance(MACHINE),
        "if virtual machines are to move there",
        "Maintenance mode is on",
        "maintenance",
        "in maintenance mode",
    ),
    Told(
        lambda: service.grant_hyper_v(MACHINE),
        "call Hyper-V on",
        "may not call",
        "access denied",
        "where its own account lacks the right",
    ),
    Told(
        lambda: service.read_service_log(MACHINE, "32773\n"),
        "why a call to the migration service",
        "A call to the migration service fails",
        "service fails",
        "may fail as well",
        (("Came back", "32773"),),
    ),
    Told(
        lambda: service.read_service_log(MACHINE),
        "why a call to the migration service",
        "A call to the migration service fails",
        "service fails",
        "may fail as well",
    ),
)

NETS = ("10.1.1.0/24", "10.1.2.0/24")

OF_VMM = (
    Told(
        lambda: vmm.upgrade(SERVER),
        "Upgrade VMM",
        "VMM 2012 SP1 has KB 2853203",
        "KB 2853203",
        "stages on the address that it uses",
    ),
    Told(
        lambda: vmm.upgrade(SERVER, KB_2853203),
        "Upgrade VMM",
        "VMM 2012 SP1 has KB 2853203",
        "KB 2853203",
        "stages on the address that it uses",
    ),
    Told(
        lambda: vmm.upgrade(SERVER, SET_UP_HOSTS),
        "Upgrade VMM",
        "without SP1 cannot do",
        "too old",
        "No virtual machine moves",
    ),
    Told(
        lambda: vmm.control_path(
            MACHINE,
            5986,
            tuple(
                Probe(each, 5986, code, 5)
                for each, code in ((FIRST, 10061), (SECOND, 10061), (FIRST, 10060))
            ),
        ),
        "on TCP port 5986",
        "through on port 5986",
        "5986 shut",
        "does not answer",
        (("Address", BOTH), ("From VMM", "refused (10061) and timed out (10060)")),
    ),
    Told(
        lambda: vmm.control_path(MACHINE, 5985),
        "on TCP port 5985",
        "through on port 5985",
        "5985 shut",
        "does not answer",
    ),
    Told(
        lambda: vmm.unreached_by_policy(MACHINE, NETS),
        "Review what the policy asks",
        "does not reach migration networks",
        "policy",
        "isolated is right",
        (("Not reached", "10.1.1.0/24 and 10.1.2.0/24"),),
    ),
    Told(
        lambda: vmm.reached_against_policy(MACHINE, NETS),
        "Close VMM's way",
        "reaches migration networks, which the policy forbids",
        "policy",
        "wants these networks isolated",
        (("Reached", "10.1.1.0/24 and 10.1.2.0/24"),),
    ),
)
