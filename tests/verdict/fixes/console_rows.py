"""Fixes that a person makes at a console: they have no commands, part by part."""

from __future__ import annotations

from device_rows import OF_DEVICES
from fix_rows import ADDRESSES, BOTH, HOST, LOCAL, MACHINE, RESTART, SERVER, SETTINGS, SUBNET, Row

from livemigration.facts.identity import Stranger
from livemigration.verdict.fixes import (
    identity,
    listeners,
    ports,
    rating,
    records,
    service,
    settings,
    vmm,
    wsman,
)
from livemigration.verdict.references import (
    KB_2853203,
    SET_UP_HOSTS,
    TROUBLESHOOT_HOST_STATUS,
    TROUBLESHOOT_LIVE_MIGRATION,
    VMM_PORTS,
)

OF_PERSONS = (
    *OF_DEVICES,
    Row(lambda: settings.join_domain(MACHINE), (HOST,), (HOST, "Join the host"), SET_UP_HOSTS),
    Row(
        lambda: settings.change_authentication_policy(MACHINE),
        (HOST,),
        ("Credential Guard", "authentication: kerberos"),
        SET_UP_HOSTS,
    ),
    Row(
        lambda: ports.open_bits(MACHINE, BOTH),
        (HOST, "TCP port 443", SERVER),
        (f"TCP port 443 to {BOTH}", "port 443", "leave it shut"),
        VMM_PORTS,
    ),
    Row(
        lambda: ports.open_smb(MACHINE, BOTH),
        (HOST, "TCP port 445", SERVER),
        (f"TCP port 445 to {BOTH}", "port 445", "leave it shut"),
        VMM_PORTS,
    ),
    Row(
        lambda: ports.share_files(MACHINE, BOTH),
        (HOST, "445"),
        (
            (
                f"On {HOST}, check that the service LanmanServer runs, and that File and Printer "
                f"Sharing is on for the network adapter of {BOTH}"
            ),
            "firewall",
            "leave it",
        ),
        VMM_PORTS,
    ),
    Row(
        lambda: ports.free_bits(MACHINE, BOTH, "4711"),
        (HOST, "443"),
        (
            (
                f"On {HOST}, see which program has process id 4711 (Get-Process -Id), and why it "
                f"listens on port 443 of {BOTH}"
            ),
            "BITS",
        ),
        VMM_PORTS,
    ),
    Row(
        lambda: rating.read_rating(MACHINE, "app01", known_bug=True),
        (HOST,),
        (f"for app01, choose {HOST}", f"LM102 fails for {HOST}", "--stage-vm"),
        KB_2853203,
    ),
    Row(
        lambda: rating.read_rating(MACHINE, "app01", known_bug=False),
        (HOST,),
        (f"for app01, choose {HOST}", f"say of {HOST} first", "--stage-vm"),
        TROUBLESHOOT_LIVE_MIGRATION,
    ),
    Row(
        lambda: rating.unaffected_refusal(MACHINE, "app01"),
        (HOST,),
        (f"for app01, choose {HOST}", f"On {HOST}", f"LM305 say of {HOST}", "--stage-vm"),
        TROUBLESHOOT_LIVE_MIGRATION,
    ),
    Row(
        lambda: records.refresh_record(MACHINE),
        (HOST,),
        (f"select {HOST} and choose Refresh", "Migration Settings"),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: records.missing_record(MACHINE),
        (HOST, SERVER),
        (f"host group of {HOST}", f"names {HOST}", f"manage {HOST}"),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: records.reach_host(MACHINE, ("Agent: stopped", "WinRM:\nno answer")),
        (HOST, SERVER),
        (
            (
                f"Servers > {HOST} > Properties > Status, and read which monitor is not healthy. "
                "VMM says: Agent: stopped; WinRM: no answer."
            ),
            "LM201, LM204, LM301 and LM302",
            HOST,
            "not compared",
        ),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: records.reach_host(MACHINE, ()),
        (HOST, SERVER),
        ("which monitor is not healthy.", "LM201", HOST, "not compared"),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: records.end_maintenance(MACHINE),
        (HOST,),
        ("Ask who", f"select {HOST} and choose Stop"),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: vmm.upgrade(SERVER),
        (SERVER, "2012 R2"),
        ("Plan the upgrade",),
        KB_2853203,
        cost="its own window",
    ),
    Row(
        lambda: vmm.upgrade(SERVER, SET_UP_HOSTS),
        (SERVER, "2012 R2"),
        ("Plan the upgrade",),
        SET_UP_HOSTS,
        cost="its own window",
    ),
    Row(
        lambda: vmm.control_path(MACHINE, 5985),
        (HOST, SERVER, "port 5985"),
        (f"On {HOST}, check that Windows Remote Management listens on port 5985.", SERVER, HOST),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: vmm.unreached_by_policy(MACHINE, ("10.1.1.0/24", "10.1.2.0/24")),
        ("10.1.1.0/24 and 10.1.2.0/24",),
        (f"{SERVER} reaches 10.1.1.0/24 and 10.1.2.0/24 of {HOST}", "auto, or to forbidden"),
        SET_UP_HOSTS,
    ),
    Row(
        lambda: vmm.reached_against_policy(MACHINE, ("10.1.1.0/24", "10.1.2.0/24")),
        (SERVER, "10.1.1.0/24 and 10.1.2.0/24"),
        ("in front of 10.1.1.0/24 and 10.1.2.0/24", HOST),
        SET_UP_HOSTS,
    ),
    Row(
        lambda: wsman.run_vmms(MACHINE, state="Stopped"),
        (HOST,),
        (f"On {HOST}, read why the service vmms stopped",),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: wsman.run_vmms(MACHINE, state=""),
        (HOST,),
        (f"Install the Hyper-V role on {HOST}",),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: wsman.run_agent(MACHINE, state="Stopped"),
        (HOST,),
        (f"On {HOST}, read why the service SCVMMAgent stopped", HOST),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: wsman.run_agent(MACHINE, state=""),
        (HOST,),
        (f"add {HOST} under Fabric > Servers", HOST),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: wsman.wait_for(MACHINE, "vmms", "Start Pending"),
        (HOST,),
        (f"On {HOST}, watch the service vmms", "event log System"),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: listeners.address_in_subnets(MACHINE, (SUBNET,), LOCAL),
        (HOST,),
        (
            f"{HOST} has no address in 10.1.9.0/24; it has 10.1.1.7/24.",
            "VLAN",
            SETTINGS,
            "keep the list complete",
            "6600",
        ),
        SET_UP_HOSTS,
    ),
    Row(
        lambda: listeners.other_family(MACHINE, "IPv6", LOCAL),
        (HOST,),
        (SETTINGS, "over IPv6 alone, and has 10.1.1.7:", "6600"),
        SET_UP_HOSTS,
    ),
    Row(
        lambda: listeners.listener_missing(MACHINE, ADDRESSES),
        (HOST,),
        (f"the listener on {BOTH} on port 6600", "(LM302)", RESTART),
        TROUBLESHOOT_LIVE_MIGRATION,
    ),
    Row(
        lambda: listeners.listener_missing(MACHINE, ()),
        (HOST,),
        ("the listener on port 6600", "(LM302)", RESTART),
        TROUBLESHOOT_LIVE_MIGRATION,
    ),
    Row(
        lambda: listeners.port_taken(MACHINE, (4711, 815)),
        (HOST, "6600"),
        (f"On {HOST}, find the program behind process id 4711 and 815", "another port", RESTART),
        TROUBLESHOOT_LIVE_MIGRATION,
    ),
    Row(
        lambda: service.grant_hyper_v(MACHINE),
        (HOST,),
        (f"On {HOST}, add", f"administrator of {HOST}"),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: service.read_service_log(MACHINE),
        (HOST,),
        (f"On {HOST}, read the log Microsoft-Windows-Hyper-V-VMMS-Admin", "restart"),
        TROUBLESHOOT_LIVE_MIGRATION,
    ),
    Row(
        lambda: identity.find_the_host(HOST, Stranger("hv99", misnamed=True)),
        (HOST,),
        (
            f"look up {HOST}, and compare its address in the inventory. What answers there is hv99",
            HOST,
            "answers_as: hv99 ",
            "run the suite again",
        ),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: identity.find_the_host(
            HOST, Stranger("hv99", misnamed=False, same_as=("hv08", "hv09"))
        ),
        (HOST,),
        (f"keep one of {HOST}, hv08 and hv09:", "two machines", "run the suite again"),
        TROUBLESHOOT_HOST_STATUS,
    ),
    Row(
        lambda: identity.find_the_server(SERVER, "vmm99"),
        (SERVER,),
        (
            (
                f"look up {SERVER}, and compare its address in the inventory. What answers there "
                "is vmm99."
            ),
            SERVER,
            "answers_as: vmm99 ",
            "run the suite again",
        ),
        TROUBLESHOOT_HOST_STATUS,
    ),
)
