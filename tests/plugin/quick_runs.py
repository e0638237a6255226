"""What the quick tests take of this folder; everything else in it has the marker `long`."""

from __future__ import annotations

# Modules, or tests of one. Each behaviour of the plugin has a run here, in the tests' own process.
QUICK = {
    "test_canary.py",
    "test_junit_file.py::test_a_run_writes_what_pytest_would_write_element_by_element",
    "test_plugin_change.py::test_every_file_of_a_change_carries_its_number",
    "test_plugin_collected.py",
    "test_plugin_credentials.py::test_a_variable_that_is_not_set_is_named",
    "test_plugin_exit_codes.py::test_1_is_something_that_fails_though_more_is_blocked",
    "test_plugin_exit_codes.py::test_10_is_a_check_that_is_blocked_while_nothing_fails",
    "test_plugin_exit_codes.py::test_of_two_codes_the_earlier_of_the_order_wins",
    "test_plugin_exit_codes.py::test_the_handbook_lists_every_code_and_their_order",
    "test_plugin_gate.py::test_a_healthy_host_passes_the_gate_and_the_verdict_says_how_far_it_goes",
    "test_plugin_progress.py",
    "test_plugin_report_links.py",
    "test_plugin_resume.py::test_what_is_no_journal_is_refused_with_its_line",
    "test_plugin_root.py::test_every_option_with_a_value_is_known_to_the_guard",
    "test_plugin_run.py",
    "test_plugin_second_step.py::test_only_groups_of_unlike_processors_are_asked",
    "test_plugin_selection.py::test_checks_run_in_the_order_of_their_numbers",
    "test_plugin_shards.py::test_a_part_that_is_none_is_a_usage_error",
    "test_plugin_shards.py::test_a_part_without_hosts_is_nothing_to_check",
    "test_plugin_sign_in.py::test_a_simulated_fleet_has_no_tickets_and_says_so_before_it_is_asked",
    "test_plugin_terminal.py::test_quiet_says_the_recap_and_the_verdict_alone",
    "test_plugin_views.py::test_junit_names_every_check_and_target_once_with_what_was_said",
    "test_plugin_views.py::test_the_files_that_are_asked_for_are_views_of_the_results",
    "test_quick_runs.py",
    "test_testinfra_backend.py",
}


def is_quick(module: str, test: str) -> bool:
    """Whether the quick tests take a test, by the names of its file and of its function."""
    return not QUICK.isdisjoint({module, f"{module}::{test}"})
