"""Names of fault codes, for texts (windows-facts.md 5.5 and 4.1). Judge by codes only."""

from __future__ import annotations

from livemigration.facts import windows

QUOTAS = windows.QUOTAS
OPERATION_TIMED_OUT = 0x80338029
INVALID_CONTEXT = 0x8033801B

ACCESS_DENIED = frozenset({5, 0x80338104, 0x80338105, 0x80338106, 0x80070005, 0x80041003})

NAMES = {
    5: "ERROR_ACCESS_DENIED",
    87: "ERROR_INVALID_PARAMETER",
    0x80041002: "WBEM_E_NOT_FOUND",
    0x80041003: "WBEM_E_ACCESS_DENIED",
    0x8004100E: "WBEM_E_INVALID_NAMESPACE",
    0x80041010: "WBEM_E_INVALID_CLASS",
    0x80070002: "ERROR_FILE_NOT_FOUND",
    0x80070005: "E_ACCESSDENIED",
    0x800700CE: "ERROR_FILENAME_EXCED_RANGE",
    0x80338000: "RESOURCE_NOT_FOUND",
    0x8033800F: "INVALID_MESSAGE_INFORMATION_HEADER",
    0x80338012: "DESTINATION_UNREACHABLE",
    0x8033801A: "ENUMERATE_CANNOT_PROCESS_FILTER",
    0x8033801B: "ENUMERATE_INVALID_ENUMERATION_CONTEXT",
    0x80338026: "ENVELOPE_TOO_LARGE",
    0x80338029: "OPERATION_TIMEDOUT",
    0x8033803B: "INVALID_RESOURCE_URI",
    0x8033803D: "INVALID_SELECTORS",
    0x80338041: "SCHEMA_VALIDATION_ERROR",
    0x8033805B: "UNEXPECTED_SELECTORS",
    0x8033809D: "SECURITY_UNMAPPED",
    0x803380DE: "CLIENT_UNENCRYPTED_DISABLED",
    0x803380E4: "SERVER_NOT_TRUSTED",
    0x803380FB: "INVALID_URI_WMI_ENUM_WQL",
    0x80338102: "WMI_PROVIDER_NOT_CAPABLE",
    0x80338104: "WMI_SVC_ACCESS_DENIED",
    0x80338105: "WMI_PROVIDER_ACCESS_DENIED",
    0x80338106: "WMI_CANNOT_CONNECT_ACCESS_DENIED",
    0x8033810B: "KERBEROS_IPADDRESS",
    0x80338111: "HTTP_CONTENT_TOO_LARGE",
    0x80338112: "HTTP_SERVICE_UNAVAILABLE",
    0x80338113: "HTTP_NOT_FOUND",
    0x80338126: "NETWORK_TIMEDOUT",
    0x80338169: "PUBLIC_FIREWALL_PROFILE_ACTIVE",
    0x80338170: "HTTP_STATUS_SERVER_ERROR",
    0x80338171: "HTTP_STATUS_BAD_REQUEST",
    0x803381A5: "QUOTA_MAX_SHELLS",
    0x803381A6: "QUOTA_MAX_OPERATIONS",
    0x803381A7: "QUOTA_USER",
    0x803381A8: "QUOTA_SYSTEM",
    0x803381AB: "QUOTA_MAX_SHELLUSERS",
    0x803381AC: "REMOTESHELLS_NOT_ALLOWED",
    0x803381AD: "PULL_PARAMS_NOT_SAME_AS_ENUM",
    0x803381B9: "NAME_NOT_RESOLVED",
    0x803381BA: "SSL_CONNECTION_ABORTED",
    0x803381BB: "DEFAULTAUTH_IPADDRESS",
    0x803381E8: "QUOTA_MAX_OPERATIONS_USER_PPQ",
}

_EXISTS = "Check that the WMI namespace and class exist on the host."
_RIGHTS = (
    "Give the account the rights to read WMI over WinRM: the group WinRMRemoteWMIUsers__ or Remote "
    "Management Users, and remote enable on the namespace."
)
_ADMINISTRATOR = (
    "Make the account a local administrator of the machine, or a member of Remote Management Users "
    "and, for WMI, of WinRMRemoteWMIUsers__."
)
_REPORT = "Report it with the request: the client made a mistake"

# What an administrator does next, by code.
NEXT_STEPS = {
    5: _ADMINISTRATOR,
    87: "Keep the whole message, which says what was refused, and report it with the request.",
    0x80041002: _EXISTS,
    0x80041003: _RIGHTS,
    0x8004100E: _EXISTS,
    0x80041010: _EXISTS,
    0x80070002: "Check that the program or file exists on the machine, and give its full path.",
    0x80070005: _ADMINISTRATOR,
    0x800700CE: "Shorten the command line or the path, or send the script through standard input.",
    0x80338000: "Check that the instance, and the WMI namespace and class, exist on the host.",
    0x8033800F: f"{_REPORT} in a header, such as a time limit below zero.",
    0x80338012: "Check on the host that the service WinRM runs and listens (winrm quickconfig), "
    "and that no firewall and no WinHTTP proxy (netsh winhttp show proxy) stands before it.",
    0x8033801A: "Check that the WMI class and its properties exist on the host.",
    0x8033801B: "Run the suite again; where it comes back, raise EnumerationTimeoutms of the "
    "host's WinRM service.",
    0x80338026: "Raise MaxEnvelopeSizekb on the host (winrm get winrm/config shows it).",
    0x80338029: "Raise the time limits in the inventory, or find out why it is slow.",
    0x8033803B: _EXISTS,
    0x8033803D: f"{_REPORT} in how it names an instance.",
    0x80338041: f"{_REPORT} in the body, or something on the way changed it.",
    0x8033805B: "Run the suite again: the shell or its command had ended on the host. Where it "
    "comes back, look for a short IdleTimeout of WinRM shells.",
    0x8033809D: "Look for a second account with the host's SPN (setspn -x), and compare the clocks "
    "of both machines.",
    0x803380DE: "Use Negotiate, Kerberos or SSL; do not allow unencrypted traffic.",
    0x803380E4: "Use the host's full name with Kerberos, or SSL with a certificate that fits; else "
    "add this one host to TrustedHosts, never *.",
    0x803380FB: f"{_REPORT}: WQL needs a resource URI that ends in /*.",
    0x80338102: "See the host's log Microsoft-Windows-WMI-Activity/Operational at this moment: the "
    "provider of this class failed. Restart the service that it belongs to.",
    0x80338104: f"{_RIGHTS} The WMI service itself refused the account.",
    0x80338105: f"{_RIGHTS} The provider of this class refused the account: make it a local "
    "administrator of the host where the class asks for one.",
    0x80338106: f"{_RIGHTS} The account could not connect to the namespace.",
    0x8033810B: "Use the host's full name in place of its IP address: Kerberos needs a name.",
    0x80338111: "Raise MaxEnvelopeSizekb of the host's WinRM service, or the limit of the proxy in "
    "between: HTTP 413 says that the message is too large.",
    0x80338112: "Start the WinRM service of the host, and see whether it is overloaded: HTTP 503.",
    0x80338113: "Compare port and URL prefix with winrm enumerate winrm/config/listener on the "
    "host: HTTP 404.",
    0x80338126: "Check that the host runs, that firewalls let the WinRM port pass, and that no "
    "WinHTTP proxy of the machine that asked takes its name (netsh winhttp show proxy; add the "
    "domain to the bypass).",
    0x80338169: "Find out why Windows takes the host's network for a public one "
    "(Get-NetConnectionProfile), or admit this machine in WinRM's rule for the Public profile.",
    0x80338170: "Restart the WinRM service of the host, and see its event log System for HTTP 500.",
    0x80338171: "Check that the port is WinRM's, HTTP on 5985 and HTTPS on 5986: HTTP 400.",
    0x803381A5: "Close idle shells of this account on the host, or raise its WinRM quotas "
    "(MaxShellsPerUser).",
    0x803381A6: "Wait for other operations of this account, use another account than VMM's, or "
    "raise its WinRM quotas (MaxConcurrentOperationsPerUser).",
    0x803381A7: "Close what this account has open on the host, or raise its WinRM quotas.",
    0x803381A8: "See who holds connections to the host's WinRM service, or raise its WinRM quotas "
    "for the whole system (MaxConnections).",
    0x803381AB: "Close shells of other users on the host, or raise its WinRM quotas "
    "(MaxConcurrentUsers).",
    0x803381AC: "Allow remote shell access on the server (WinRM policy AllowRemoteShellAccess).",
    0x803381AD: f"{_REPORT}: each pull must ask as its enumeration did.",
    0x803381B9: "Correct the name in the inventory, or its DNS record, as seen by the machine that "
    "asked.",
    0x803381BA: "Check the certificate of the host's listener on port 5986, and that both sides "
    "allow a common TLS version.",
    0x803381BB: "Use the host's full name in place of its IP address, or HTTPS with explicit "
    "credentials: default authentication needs a name.",
    0x803381E8: "Wait for other operations of this account, or raise its WinRM quotas for the "
    "plugin (MaxConcurrentOperationsPerUser of the plugin).",
}

# The same by SOAP's own name of a fault, for one that carries no code.
NAMED_STEPS = {
    "AccessDenied": _ADMINISTRATOR,
    "CannotProcessFilter": NEXT_STEPS[0x8033801A],
    "DestinationUnreachable": NEXT_STEPS[0x80338000],
    "EncodingLimit": NEXT_STEPS[0x80338026],
    "InvalidEnumerationContext": NEXT_STEPS[0x8033801B],
    "InvalidMessageInformationHeader": NEXT_STEPS[0x8033800F],
    "InvalidSelectors": NEXT_STEPS[0x8033803D],
    "MustUnderstand": "Check that the port belongs to the host's WinRM service: what answers does "
    "not know a header that Windows knows.",
    "QuotaLimit": NEXT_STEPS[0x803381A7],
    "SchemaValidationError": NEXT_STEPS[0x80338041],
    "TimedOut": NEXT_STEPS[OPERATION_TIMED_OUT],
}

# What an administrator does next where an HTTP status came in place of an answer.
STATUS_STEPS = {
    400: "Check that the port is WinRM's, HTTP on 5985 and HTTPS on 5986, and that no proxy "
    "changes the message.",
    403: "Check IPv4Filter and IPv6Filter of the host's WinRM service, and that no proxy answers "
    "in its place.",
    404: "Compare port and URL prefix with winrm enumerate winrm/config/listener on the host.",
    407: "Let this machine reach the host without the proxy, which asks for a login.",
    413: "Raise MaxEnvelopeSizekb of the host's WinRM service, or the limit of what stands in "
    "between: the message was too large for it.",
    429: "Lower concurrent_hosts in the inventory, or raise the limit of what stands in between: "
    "it counts too many requests.",
    500: "Restart the WinRM service of the host, and see its log "
    "Microsoft-Windows-WinRM/Operational for this moment.",
    502: "Find what stands between this machine and the host: it could not reach the host itself.",
    503: "Check that the WinRM service runs on the host and is not overloaded.",
}
