"""Causes in what Windows hosts have in common with each other, or with their domain."""

from __future__ import annotations

from cause_told import Told
from fix_rows import MACHINE

from livemigration.facts.migration import CREDSSP, KERBEROS
from livemigration.facts.tcp_settings import DynamicPorts
from livemigration.verdict.fixes import clock, equal_settings, windows_settings

OTHERS = ("hv08.contoso.com",)


def on_all(is_set: str, needed: str) -> tuple[tuple[str, str], ...]:
    return ("Set to", is_set), ("Needed on all", needed)


OF_EQUAL_SETTINGS = (
    Told(
        lambda: equal_settings.one_protocol(MACHINE, CREDSSP, KERBEROS, OTHERS),
        "to Kerberos, delegation first",
        "CredSSP is set, and hosts that exchange virtual machines with it have Kerberos",
        "CredSSP",
        "set differently",
        (("Set to", "CredSSP"), ("Needed", "Kerberos")),
    ),
    *(
        Told(
            lambda own=own, wanted=wanted: equal_settings.one_protocol(  # type: ignore[misc] # mypy infers no lambda with defaults
                MACHINE, own, wanted, OTHERS
            ),
            "one authentication protocol on",
            wrong,
            "protocols differ",
            "the same protocol on both ends",
            values,
        )
        for own, wanted, wrong, values in (
            (KERBEROS, KERBEROS, "do not have Kerberos", on_all("Kerberos", "Kerberos")),
            (CREDSSP, CREDSSP, "do not have CredSSP", on_all("CredSSP", "CredSSP")),
            (KERBEROS, CREDSSP, "do not have Kerberos", on_all("Kerberos", "CredSSP")),
            (7, CREDSSP, "have another protocol", on_all("7", "CredSSP")),
        )
    ),
)

OF_CLOCK = tuple(
    Told(
        lambda refused=refused, off=off: clock.set_clock(  # type: ignore[misc] # mypy infers no lambda with defaults
            MACHINE, off, refused=refused, doubtful=False
        ),
        "Set the clock of",
        wrong,
        "clock",
        why,
        (("The clock is", off),),
    )
    for refused, off, wrong, why in (
        (True, "9 minutes ahead", "by more than Kerberos allows", "refuses tickets of another"),
        (False, "99 seconds behind", "not by more than Kerberos", "At five minutes"),
    )
)

OF_WINDOWS_SETTINGS = (
    *(
        Told(
            lambda policies=policies: windows_settings.grant_rights(  # type: ignore[misc] # mypy infers no lambda with defaults
                MACHINE, ("SeServiceLogonRight",), policies
            ),
            "user rights back on",
            "defines user rights without the virtual machines",
            "user rights",
            "0x80070569",
            (("Rights", "Log on as a service"), ("Group Policy", named)),
        )
        for policies, named in ((("Servers", "Base"), "Servers and Base"), ((), "not named"))
    ),
    Told(
        lambda: windows_settings.default_ports(
            MACHINE, (DynamicPorts("Internet", 10000, 5000), DynamicPorts("Compat", 1, 9))
        ),
        "default dynamic ports back",
        "are not the default",
        "dynamic ports",
        "event 14050",
        (("Dynamic ports", "10000 to 14999 and 1 to 9"),),
    ),
)
