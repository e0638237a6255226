"""Causes in the settings of live migration of a host, and in its services."""

from __future__ import annotations

from cause_told import NOWHERE, WORKGROUP, Told
from fix_rows import MACHINE

from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.verdict.fixes import (
    options,
    settings,
    wsman,
)

OF_OPTIONS = (
    *(
        Told(
            lambda now=now, wanted=wanted: options.performance_option(  # type: ignore[misc] # mypy infers no lambda with defaults
                MACHINE, (False, False), now, wanted
            ),
            f"to {options.SHOWN[wanted]}",
            f"is not {options.SHOWN[wanted]}, which the policy",
            "performance",
            "may take longer",
            (("Set to", options.SHOWN[now]), ("The policy asks for", options.SHOWN[wanted])),
        )
        for now, wanted in (("tcpip", "smb"), ("smb", "compression"), ("compression", "tcpip"))
    ),
    Told(
        lambda: options.more_migrations(MACHINE, 1, 4),
        "move 4 virtual machines at once",
        "The limit of simultaneous live migrations is below 4",
        "limit too low",
        "waits",
        (("At once", "1"), ("The policy asks for", "4")),
    ),
    Told(
        lambda: options.more_migrations(MACHINE, 0, 1),
        "move 1 virtual machine at once",
        "The limit of simultaneous live migrations is zero",
        "limit is zero",
        "nothing moves",
        (("At once", "0"), ("The policy asks for", "1")),
    ),
    Told(
        lambda: options.more_in_cluster(MACHINE, "cl01", 2, 4),
        "Let cl01, the cluster of",
        "migrations of the cluster is below 4",
        "limit too low",
        "waits",
        (("At once", "2"), ("The policy asks for", "4")),
    ),
    Told(
        lambda: options.more_in_cluster(MACHINE, "cl01", 0, 4),
        "move 4 virtual machines at once",
        "migrations of the cluster is zero",
        "limit is zero",
        "nothing moves",
        (("At once", "0"), ("The policy asks for", "4")),
    ),
)


def protocol(is_set: str, needed: str) -> tuple[tuple[str, str], ...]:
    return ("Set to", is_set), ("Needed", needed)


DIFFER, NEITHER = "set differently cannot exchange", "neither CredSSP nor Kerberos"

OF_SETTINGS = (
    Told(
        lambda: settings.enable_live_migration(MACHINE),
        "Turn on incoming live migration",
        "is off",
        "turned off",
        NOWHERE,
    ),
    Told(
        lambda: settings.use_kerberos(MACHINE, CREDSSP),
        "to Kerberos, delegation first",
        "CredSSP is set, and the policy asks for Kerberos",
        "CredSSP",
        DIFFER,
        protocol("CredSSP", "Kerberos"),
    ),
    Told(
        lambda: settings.use_kerberos(MACHINE, CREDSSP, guarded=True),
        "to Kerberos, delegation first",
        "CredSSP is set, and Credential Guard",
        "CredSSP",
        "until it is switched to Kerberos",
        protocol("CredSSP", "Kerberos"),
    ),
    Told(
        lambda: settings.use_kerberos(MACHINE, 7),
        "to Kerberos, delegation first",
        NEITHER,
        "no protocol",
        DIFFER,
        protocol("7", "Kerberos"),
    ),
    Told(
        lambda: settings.use_credssp(MACHINE, KERBEROS),
        "to CredSSP",
        "Kerberos is set, and the policy asks for CredSSP",
        "Kerberos",
        DIFFER,
        protocol("Kerberos", "CredSSP"),
    ),
    Told(
        lambda: settings.use_credssp(WORKGROUP, KERBEROS),
        "to CredSSP",
        "Kerberos is set in a workgroup",
        "Kerberos",
        "Outside a domain",
        protocol("Kerberos", "CredSSP"),
    ),
    Told(
        lambda: settings.use_credssp(MACHINE, 7),
        "to CredSSP",
        NEITHER,
        "no protocol",
        DIFFER,
        protocol("7", "CredSSP"),
    ),
    Told(
        lambda: settings.use_credssp(WORKGROUP, 7),
        "to CredSSP",
        NEITHER,
        "no protocol",
        DIFFER,
        protocol("7", "CredSSP"),
    ),
    Told(
        lambda: settings.join_domain(MACHINE),
        "Plan a domain",
        "a workgroup, and Credential Guard runs",
        "no protocol",
        "Kerberos needs a domain",
    ),
    Told(
        lambda: settings.change_authentication_policy(MACHINE),
        "Ask for Kerberos in the policy",
        "which Credential Guard keeps from working",
        "policy",
        "CredSSP would not work",
        (("Set to", "Kerberos"), ("The policy asks for", "CredSSP")),
    ),
)

OF_SERVICES = (
    Told(
        lambda: wsman.answer_vmm(MACHINE, 5986, "0x80338012"),
        "answer VMM",
        "no answer on port 5986",
        "no WSMan answer",
        "The port itself is open",
        (("Code", "0x80338012"),),
    ),
    Told(
        lambda: wsman.answer_vmm(MACHINE, 5985),
        "answer VMM",
        "no answer on port 5985",
        "no WSMan answer",
        "The port itself is open",
    ),
    Told(
        lambda: wsman.run_vmms(MACHINE, state="Start\nPaused"),
        "Start the Hyper-V management service",
        "(vmms) does not run",
        "vmms not running",
        "nothing listens on port 6600",
        (("Service", "vmms"), ("State", "Start Paused")),
    ),
    Told(
        lambda: wsman.run_vmms(MACHINE, state=""),
        "Install Hyper-V",
        "not installed: there is no service vmms",
        "no Hyper-V",
        "nothing listens on port 6600",
        (("Service", "vmms"), ("State", "not installed")),
    ),
    Told(
        lambda: wsman.run_agent(MACHINE, state="Stopped"),
        "Start the VMM agent",
        "(service SCVMMAgent) does not run",
        "agent stopped",
        "whose agent does not run",
        (("Service", "SCVMMAgent"), ("State", "Stopped")),
    ),
    Told(
        lambda: wsman.run_agent(MACHINE, state="Paused"),
        "Start the VMM agent",
        "(service SCVMMAgent) does not run",
        "agent not running",
        "whose agent does not run",
        (("Service", "SCVMMAgent"), ("State", "Paused")),
    ),
    Told(
        lambda: wsman.run_agent(MACHINE, state=""),
        "Install the VMM agent",
        "not installed: there is no service SCVMMAgent",
        "no agent",
        "whose agent does not run",
        (("Service", "SCVMMAgent"), ("State", "not installed")),
    ),
    Told(
        lambda: wsman.wait_for(MACHINE, "vmms", "Start Pending"),
        "Wait until the services",
        "The service vmms is between two states",
        "service changing",
        "takes some minutes",
        (("Service", "vmms"), ("State", "Start Pending")),
    ),
)
