"""Causes of a host that is not reached: its firewall, its ports, its names, another machine."""

from __future__ import annotations

from cause_told import FIRST, SECOND, Told
from fix_rows import ADDRESSES, BOTH, HOST, MACHINE, SERVER

from livemigration.base.addresses import parse_address
from livemigration.facts.firewall import FirewallRule
from livemigration.facts.identity import Stranger
from livemigration.verdict.fixes import (
    firewall,
    identity,
    names,
    ports,
)
from livemigration.verdict.fixes.names import Place

STALE = parse_address("10.1.1.99")

RULE = FirewallRule("VIRT-MIGL-In-TCP-NoScope", enabled=True, action=2, profiles=0)

OF_FIREWALL = (
    Told(
        lambda: firewall.admit_peers(MACHINE, RULE, ("10.9.0.0/16",), ADDRESSES, ("r1", "r2")),
        "Let the other hosts in on port 6600",
        "let in only some of the other hosts",
        "rule too narrow",
        "Group Policy may let them in",
        (("Rule", "r1 and r2"), ("Must let in", BOTH)),
    ),
    Told(
        lambda: firewall.admit_peers(MACHINE, None, (), ()),
        "Let the other hosts in on port 6600",
        "No local firewall rule lets",
        "no rule",
        "Group Policy may let them in",
        (("Rule", "none"), ("Must let in", "not known")),
    ),
    Told(
        lambda: firewall.admit_by_group_policy(MACHINE, ADDRESSES),
        "in Group Policy",
        "ignores local rules",
        "rules ignored",
        "Only Group Policy can",
        (("Must let in", BOTH),),
    ),
    Told(
        lambda: firewall.admit_by_group_policy(MACHINE, ()),
        "in Group Policy",
        "ignores local rules",
        "rules ignored",
        "Only Group Policy can",
        (("Must let in", "not known"),),
    ),
    Told(
        lambda: firewall.narrow_block(MACHINE, ("r1", "r2")),
        "Take live migration out of what the firewall",
        "A firewall rule blocks",
        "firewall",
        "wins over each rule that allows",
        (("Rule", "r1 and r2"),),
    ),
    Told(
        lambda: firewall.look_at_rules(MACHINE, ("r1", "r2")),
        "Find out whether port 6600",
        "does not show whom it lets in",
        "rule unclear",
        "If it does not let",
        (("Rule", "r1 and r2"),),
    ),
)

OF_IDENTITY = (
    Told(
        lambda: identity.find_the_host(HOST, Stranger("hv99\n", misnamed=True)),
        "Get the right machine to answer",
        "calls itself by another one",
        "other machine",
        "no evidence",
        (("Calls itself", "hv99"),),
    ),
    Told(
        lambda: identity.find_the_host(
            HOST, Stranger("hv99", misnamed=False, same_as=("hv08", "hv09"))
        ),
        "List each machine only once",
        "under several names",
        "listed twice",
        "one of them was never asked",
        (("Same as", "hv08 and hv09"), ("Calls itself", "hv99")),
    ),
    Told(
        lambda: identity.find_the_server(SERVER, "vmm99\n"),
        "Get the right machine to answer",
        "calls itself by another one",
        "other machine",
        "no evidence",
        (("Calls itself", "vmm99"),),
    ),
)


def replaced(place: Place, kept: bool, wrong: str, why: str) -> Told:
    return Told(
        lambda: names.replace(
            MACHINE, HOST, (STALE,), ADDRESSES, (SECOND,) if kept else (), place=place
        ),
        "Remove wrong addresses from" if kept else "Register the right address",
        wrong,
        "wrong address",
        why,
        (("In DNS by mistake", str(STALE)), ("Right", str(SECOND) if kept else BOTH)),
    )


OF_NAMES = (
    Told(
        lambda: names.register(MACHINE, HOST, ADDRESSES),
        "Make the name of",
        "does not resolve on the VMM server",
        "not resolved",
        "cannot look up",
        (("Name", HOST), ("To register", BOTH)),
    ),
    Told(
        lambda: names.register(MACHINE, HOST),
        "Make the name of",
        "does not resolve on the VMM server",
        "not resolved",
        "cannot look up",
        (("Name", HOST), ("To register", "not known")),
    ),
    *(
        replaced(place, kept, wrong, why)
        for kept in (True, False)
        for place, wrong, why in (
            (Place.FIRST, "first gets an address", "would manage, and stage on"),
            (Place.LATER, "also leads to", "may use each address"),
            (Place.EVERYWHERE, "gets in at no address", "can do nothing"),
        )
    ),
    Told(
        lambda: names.replace(MACHINE, HOST, (STALE,), ()),
        "Register the right address",
        "gets in at no address",
        "wrong address",
        "can do nothing",
        (("In DNS by mistake", str(STALE)), ("Right", "not known")),
    ),
    Told(
        lambda: names.correct(MACHINE, HOST, STALE, ("hv08",), (FIRST,), place=Place.FIRST),
        "Register the right address",
        "first gets an address",
        "wrong address",
        "would manage, and stage on",
        (("In DNS by mistake", str(STALE)), ("Right", str(FIRST))),
    ),
    Told(
        lambda: names.tidy(MACHINE, HOST, (SECOND,), ADDRESSES, (FIRST,)),
        "Keep addresses that VMM should not use out",
        "also leads to an address that VMM should not use",
        "extra address",
        "at its management address",
        (("In DNS by mistake", str(SECOND)), ("Right", str(FIRST))),
    ),
    Told(
        lambda: names.tidy(MACHINE, HOST, (SECOND,), (FIRST,)),
        "Keep addresses that VMM should not use out",
        "also leads to an address that VMM should not use",
        "extra address",
        "at its management address",
        (("In DNS by mistake", str(SECOND)), ("Right", str(FIRST))),
    ),
    Told(
        lambda: names.tidy(MACHINE, HOST, (SECOND,)),
        "Keep addresses that VMM should not use out",
        "also leads to an address that VMM should not use",
        "extra address",
        "at its management address",
        (("In DNS by mistake", str(SECOND)), ("Right", "not known")),
    ),
)

OF_PORTS = (
    Told(
        lambda: ports.open_bits(MACHINE, BOTH),
        "Let TCP port 443 of",
        "Port 443, which carries the files that VMM copies (BITS)",
        "443 no answer",
        "if a firewall drops it",
        (("Address", BOTH),),
    ),
    Told(
        lambda: ports.open_smb(MACHINE, BOTH),
        "Let TCP port 445 of",
        "Port 445, which carries file shares (SMB)",
        "445 no answer",
        "if a firewall drops it",
        (("Address", BOTH),),
    ),
    Told(
        lambda: ports.share_files(MACHINE, BOTH),
        "what refuses VMM on TCP port 445",
        "refuses VMM",
        "445 refused",
        "while file sharing is on",
        (("Address", BOTH),),
    ),
    Told(
        lambda: ports.free_bits(MACHINE, BOTH, "4711"),
        "what holds TCP port 443",
        "holds port 443",
        "443 taken",
        "while another program has it",
        (("Process id", "4711"), ("Address", BOTH)),
    ),
)
