"""Fixes of what Windows hosts have in common, or have from their domain, part by part."""

from __future__ import annotations

from fix_rows import HOST, MACHINE, SETTINGS, Row

from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.facts.tcp_settings import DynamicPorts
from livemigration.verdict.fixes import clock, equal_settings, windows_settings
from livemigration.verdict.references import (
    LOG_ON_AS_A_SERVICE,
    SPN_REGISTRATION,
    TROUBLESHOOT_LIVE_MIGRATION,
    WINDOWS_TIME,
)

OTHER = "hv08.contoso.com"
MOVED = (DynamicPorts("Internet", 10000, 5000), DynamicPorts("Compat", 1, 9))

OF_WINDOWS = (
    Row(
        lambda: equal_settings.one_protocol(MACHINE, KERBEROS, KERBEROS, (OTHER,)),
        (HOST, OTHER, "Kerberos"),
        (
            SETTINGS,
            f"Keep {HOST} on Kerberos, and set {OTHER} to Kerberos",
            "Delegation comes first",
        ),
        TROUBLESHOOT_LIVE_MIGRATION,
    ),
    Row(
        lambda: equal_settings.one_protocol(MACHINE, KERBEROS, CREDSSP, (OTHER,)),
        (HOST, OTHER, "CredSSP"),
        (
            SETTINGS,
            f"Set {HOST} to CredSSP (LM104), and set {OTHER} to CredSSP",
            "Credential Guard",
        ),
        TROUBLESHOOT_LIVE_MIGRATION,
        cost="started on the source host",
    ),
    Row(
        lambda: clock.set_clock(MACHINE, "10 minutes ahead", refused=True, doubtful=False),
        (HOST,),
        (f"On {HOST}, see where", "/syncfromflags:domhier", "w32tm /resync"),
        WINDOWS_TIME,
        cost="follow its clock",
    ),
    Row(
        lambda: clock.set_clock(MACHINE, "61 seconds behind", refused=False, doubtful=True),
        (HOST,),
        ("First find out which", "/syncfromflags:domhier", "w32tm /resync"),
        WINDOWS_TIME,
        cost="follow its clock",
    ),
    Row(
        lambda: windows_settings.grant_rights(
            MACHINE, ("SeServiceLogonRight", "SeCreateSymbolicLinkPrivilege"), ("Servers",)
        ),
        (HOST, "user rights"),
        (
            r"In the Group Policy object Servers, under Computer Configuration",
            f"Or link {HOST} and the other Hyper-V hosts",
            f"Then on {HOST}: gpupdate /force",
        ),
        LOG_ON_AS_A_SERVICE,
        cost="Every computer to which the object applies",
    ),
    Row(
        lambda: windows_settings.default_ports(MACHINE, MOVED),
        (HOST, "dynamic ports"),
        (
            "netsh int ipv4 set dynamicport tcp start=49152 num=16384",
            "Restart the service vmms",
            "start=10000 num=5000",
        ),
        SPN_REGISTRATION,
        cost="no migration may run",
    ),
)
