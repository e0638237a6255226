"""Whether rules of Windows Firewall let a connection in."""
