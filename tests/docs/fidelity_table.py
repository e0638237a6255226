"""Each Windows behaviour that the suite relies on, its source, and what has tested it.

python tests/docs/fidelity_table.py > docs/fidelity.md
"""

from __future__ import annotations

import sys

from fidelity_of_directories import OF_DIRECTORIES
from fidelity_rows import Behaviour, By

CAPTURES, SHAPES = "wsman/test_wsman_captures.py", "lab/test_lab_shapes.py"
PEERS, PROGRAMS = "lab/test_lab_peers.py", "lab/test_lab_programs.py"
PROTOCOL, PROCESS = "lab/test_lab_protocol.py", "lab/test_lab_process.py"
DRAINS, SPEEDS = "lab/test_lab_drain_facts.py", "verdict/test_link_speeds.py"
REFUSALS, DETAILS = "lab/test_lab_refusals.py", "wsman/test_wsman_fault_details.py"
ABSENT = "gather/test_refusal_forms.py"
HOST, CONTRACTS = "gather/test_host_gathering.py", "vmm/test_vmm_contracts.py"
OBJECTS, THREADS = "vmm/test_vmm_captures.py", "lab/test_lab_threads.py"
STORE, OPTION = "lab/test_lab_active_store.py", "gather/test_active_store.py"
COLLECTOR = "collector/test_collector_verdicts.py"
TABLE = "checks/test_verdict_table.py::test_the_facts_of_a_row_get_the_verdict_of_the_row"

BEHAVIOURS = (
    Behaviour(
        "NTLM with message encryption: a multipart body, sealed for one connection",
        "MS-WSMV 2.2.9.1",
        (
            (By.CLIENT, f"{PEERS}::test_awinrm_with_an_ntlm_of_its_own_runs_programs"),
            (By.CLIENT, f"{PEERS}::test_pywinrm_runs_a_program"),
            (By.LAB, "wsman/test_wsman_session.py::test_identify_is_authenticated_and_encrypted"),
        ),
    ),
    *OF_DIRECTORIES,
    Behaviour(
        "Identify names vendor and version; without a user no version",
        "Win32 documents, detecting whether a remote computer supports WS-Management; "
        "the header of the anonymous form is from memory",
        (
            (By.CLIENT, f"{PROGRAMS}::test_curl_identifies_the_lab_with_ntlm"),
            (By.CLIENT, f"{PROGRAMS}::test_whistle_identifies_enumerates_and_gets"),
        ),
    ),
    Behaviour(
        "Enumerate with WQL on a URI that ends in /*; optimized replies hold items",
        "Win32 documents, querying for specific instances; captured replies",
        (
            (By.CAPTURE, f"{SHAPES}::test_an_enumeration_that_fits_one_reply"),
            (By.CAPTURE, f"{SHAPES}::test_an_enumeration_that_goes_on"),
            (By.CLIENT, f"{PEERS}::test_pypsrp_enumerates_gets_and_runs"),
        ),
    ),
    Behaviour(
        "Pull: a new context in each reply, none in the last, whose end marker may be in either "
        "namespace",
        "captured replies",
        (
            (By.CAPTURE, f"{CAPTURES}::test_each_sequence_ends_once_and_changes_its_context"),
            (By.CAPTURE, f"{SHAPES}::test_a_pull_in_the_middle"),
            (By.CLIENT, f"{PROGRAMS}::test_whistle_identifies_enumerates_and_gets"),
        ),
    ),
    Behaviour(
        "Items of `select *` are elements of the class; with a property list XmlFragments",
        "captured replies",
        (
            (By.CAPTURE, f"{CAPTURES}::test_both_item_forms_say_the_same"),
            (By.CAPTURE, f"{SHAPES}::test_the_properties_of_an_instance"),
        ),
    ),
    Behaviour(
        "nil, repeated elements for arrays, dates, numbers and booleans of properties",
        "captured replies; Win32 documents",
        (
            (By.CAPTURE, f"{CAPTURES}::test_the_network_adapters"),
            (By.CAPTURE, f"{CAPTURES}::test_the_operating_system"),
            (By.CAPTURE, f"{CAPTURES}::test_the_services"),
        ),
    ),
    Behaviour(
        "Faults in HTTP 500 with WSManFault, its code in decimal",
        "captured replies",
        (
            (By.CAPTURE, f"{CAPTURES}::test_the_time_out_fault"),
            (By.CAPTURE, f"{SHAPES}::test_a_receive_that_times_out"),
            (By.CAPTURE, f"{SHAPES}::test_a_program_that_is_not_found_is_refused_as_captured"),
        ),
    ),
    Behaviour(
        "A fault's reason is general, the exact sentence stands innermost in its detail, nested in "
        "the provider's; code, subcode, action and w:FaultDetail case by case",
        "captured replies, most of which are not in the sample",
        (
            (By.LAB, f"{REFUSALS}::test_a_refusal_has_the_form_that_windows_gives_it"),
            (By.LAB, f"{DETAILS}::test_the_exact_sentence_is_not_hidden_behind_a_general_one"),
        ),
    ),
    Behaviour(
        "Faults with MSFT_WmiError and no WSManFault",
        "captured replies that are not in the sample",
        (
            (By.LAB, "wsman/test_wsman_properties.py::test_the_other_form_of_detail"),
            (By.LAB, f"{REFUSALS}::test_a_quota_is_refused_in_the_form_of_its_windows"),
        ),
    ),
    Behaviour(
        "An enumeration that finds nothing has no Items; an array that is null is left out",
        "captured replies that are not in the sample",
        (
            (By.LAB, f"{REFUSALS}::test_an_enumeration_that_finds_nothing_holds_no_items"),
            (By.LAB, f"{REFUSALS}::test_an_array_that_is_null_is_left_out"),
        ),
    ),
    Behaviour(
        "An absent namespace or class: which code is nested in which",
        "Win32 error lists",
        ((By.LAB, f"{HOST}::test_a_host_without_device_guard_runs_no_credential_guard"),),
    ),
    Behaviour(
        "A query that names a property which the class lacks is refused. As which fault is not "
        "documented: as a filter that cannot be processed, or with 0x80041017; what a class lacks "
        "is the same on every host of a build, but for MSCluster_Cluster",
        "schemas of the classes by build; public reports of the fault, none over WS-Management",
        (
            (By.LAB, f"{ABSENT}::test_each_form_of_the_refusal_is_understood"),
            (By.LAB, "lab/test_lab_absent_properties.py::test_a_build_is_found_out_about_once"),
        ),
    ),
    Behaviour(
        "The memory of a running machine is its largest row of Msvm_Memory, whose other rows are "
        "its NUMA nodes and the host's; what a host can still give is MaxConsumableResource less "
        "Reserved of the memory pool, in the units that it states",
        "Win32 documents; the memory pool of one real host; that Msvm_Memory lists the other rows "
        "is inferred",
        (
            (By.LAB, "facts/test_memory.py::test_a_machine_on_several_numa_nodes_is_counted_once"),
            (By.LAB, "facts/test_memory.py::test_the_pool_of_a_real_host"),
            (By.LAB, f"{DRAINS}::test_the_memory_of_a_host_is_what_its_machines_have"),
        ),
    ),
    Behaviour(
        "An interface of the host on a virtual switch has the speed of the switch's adapters, "
        "which its connection names by their GUIDs, and a team that of its members",
        "schemas of the classes; inferred",
        (
            (By.LAB, f"{SPEEDS}::test_an_interface_is_as_fast_as_what_is_below_it"),
            (By.LAB, f"{DRAINS}::test_a_team_is_as_fast_as_its_members"),
        ),
    ),
    Behaviour(
        "A shell: Create, Command, Send, Receive in pieces, Signal, Delete",
        "captured transcripts",
        (
            (By.CAPTURE, f"{CAPTURES}::test_recorded_shells"),
            (By.CAPTURE, f"{SHAPES}::test_a_shell_from_its_creation_to_its_end"),
            (By.CLIENT, f"{PEERS}::test_two_shells_of_pypsrp_run_side_by_side"),
            (By.CLIENT, f"{PROGRAMS}::test_winrmcp_speaks_of_shells_as_the_lab_does"),
        ),
    ),
    Behaviour(
        "powershell.exe is found through cmd.exe only",
        "captured transcript",
        ((By.CAPTURE, f"{CAPTURES}::test_a_program_that_is_not_found_without_cmd"),),
    ),
    Behaviour(
        "Standard input in console mode does not reach a program as bytes; its code is not known",
        "MS-WSMV",
        ((By.LAB, f"{PROTOCOL}::test_standard_input_in_console_mode_is_refused"),),
    ),
    Behaviour(
        "A command line over 8191 characters is refused",
        "KB 830473, whose revisions differ",
        ((By.LAB, f"{PROTOCOL}::test_a_command_line_has_a_greatest_length"),),
    ),
    Behaviour(
        "Get by selectors; winrm/config as a whole, its values by documented defaults",
        "captured reply",
        (
            (By.CAPTURE, f"{SHAPES}::test_the_configuration_of_the_service"),
            (By.CLIENT, f"{PEERS}::test_pypsrp_reads_the_limits_of_the_service"),
        ),
    ),
    Behaviour(
        "Invoke: the action is the URI and the method; outputs in METHOD_OUTPUT",
        "libvirt, openwsman",
        (
            (By.CLIENT, f"{PEERS}::test_pypsrp_follows_an_association_and_invokes_at_its_end"),
            (By.LAB, f"{PROTOCOL}::test_methods_answer_with_their_outputs"),
        ),
    ),
    Behaviour(
        "Associations by ASSOCIATORS OF on a URI that ends in /*",
        "community reports",
        (
            (By.CLIENT, f"{PEERS}::test_pypsrp_follows_an_association_and_invokes_at_its_end"),
            (By.LAB, f"{PROTOCOL}::test_an_association_leads_to_the_other_end"),
        ),
    ),
    Behaviour(
        "The bootstrap in -EncodedCommand reads the script from standard input as UTF-8",
        "measured with PowerShell 7.6 on Linux; 3.0 to 5.1 by documents",
        (
            (By.POWERSHELL, f"{CONTRACTS}::test_powershell_and_the_emulation_print_the_same"),
            (By.LAB, f"{PROCESS}::test_a_real_powershell_takes_the_place_of_the_emulation"),
        ),
    ),
    Behaviour(
        "The cmdlets of VMM: module name, Get-SCVMMServer, Get-SCVMHost, properties and enums",
        "PowerShell reference; objects of a VMM 2012 R2",
        (
            (By.CAPTURE, f"{OBJECTS}::test_read_vmm_asks_for_properties_that_vmm_has"),
            (By.CAPTURE, f"{OBJECTS}::test_the_objects_of_a_real_vmm_become_facts"),
            (By.POWERSHELL, f"{CONTRACTS}::test_powershell_runs_a_script_by_hand_as_documented"),
        ),
    ),
    Behaviour(
        "Dead machines hold threads of PowerShell: names in its pool, Test-WSMan in runspaces, "
        "which race for a module",
        "measured with PowerShell 7.6 on Linux; Windows PowerShell by documents",
        (
            (By.LAB, f"{THREADS}::test_two_hundred_unanswered_names_change_nothing_for_the_others"),
            (By.LAB, f"{THREADS}::test_dead_listeners_keep_no_other_from_being_tried"),
            (By.LAB, "vmm/test_vmm_hanging.py::test_no_runspace_loads_its_module_on_first_use"),
        ),
    ),
    Behaviour(
        "The migration classes of root/virtualization/v2: names, properties, tags of any network",
        "Win32 documents; Microsoft's samples and support scripts. No capture of them is public",
        ((By.LAB, f"{HOST}::test_every_group_is_read_over_one_connection"),),
    ),
    Behaviour(
        "Server 2012 lacks the properties of compression and SMB; 2008 R2 the whole namespace",
        "Win32 documents",
        (
            (By.LAB, f"{HOST}::test_properties_that_an_old_class_lacks_are_not_false"),
            (By.LAB, f"{HOST}::test_an_old_host_is_not_asked_for_what_it_cannot_have"),
        ),
    ),
    Behaviour(
        "policy_store: active: the firewall's provider hears of PolicyStore=ActiveStore in an "
        "OptionSet, gives Group Policy's rules, and names the source of each. Off by default",
        "IWSManResourceLocator::AddOption; that this provider sees it over WS-Management is "
        "inferred",
        (
            (
                By.LAB,
                f"{STORE}::test_rules_of_group_policy_are_in_the_active_store_alone",
            ),
            (
                By.LAB,
                f"{OPTION}::test_a_host_that_refuses_the_option_is_asked_without_it",
            ),
        ),
    ),
    Behaviour(
        "Where vmms listens on 6600: on the address, on 0.0.0.0 or on ::; each is accepted",
        "not documented",
        ((By.LAB, TABLE),),
    ),
    Behaviour(
        "Staging by VMM 2012 SP1 connects to port 6600 of the address that VMM uses",
        "KB 2853203; that it is this port is inferred from its text",
        ((By.LAB, TABLE),),
    ),
    Behaviour(
        "A stopped vmms takes its WMI provider along; the code is not known",
        "not documented",
        ((By.LAB, f"{HOST}::test_a_missing_vmms_explains_what_its_provider_cannot_answer"),),
    ),
    Behaviour(
        "The collector: Get-CimInstance gives the same values, ConvertTo-Json writes them as JSON, "
        "or arrays as {value, Count}",
        "the cmdlets' pages; github.com/PowerShell/PowerShell/issues/5579",
        ((By.LAB, f"{COLLECTOR}::test_the_collectors_file_gives_the_same_verdicts"),),
    ),
)

INTRODUCTION = """\
# What was held against what

No test of this project has talked to Windows. This page says of each behaviour of Windows that the
suite relies on where it is written, and what has tested it here. **Lab only** means that our client
and our lab agree with each other and with the source, and that nothing independent has looked.

Captured replies are replies that other projects recorded on Windows machines; the tests that read
them are skipped where they are not beside the repository. Tests in a real PowerShell are skipped
where there is none, and those with a domain controller where Samba is not installed.

| behaviour | source | tested by |
|---|---|---|
"""


def page() -> str:
    """Return the page."""
    rows = []
    for each in BEHAVIOURS:
        kinds = dict.fromkeys(by for by, _ in each.tests)
        tested = ", ".join(by.value for by in kinds if by is not By.POWERSHELL)
        if not each.independent:
            tested = "**Lab only**" if By.LAB in kinds else "**Nothing yet**"
        if By.POWERSHELL in kinds:
            tested += "; a real PowerShell where there is one"
        names = "<br>".join(f"`{name.partition('::')[2]}`" for _, name in each.tests)
        rows.append(f"| {each.what} | {each.source} | {tested}<br>{names} |\n")
    return INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(page())
