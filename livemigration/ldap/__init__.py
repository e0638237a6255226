"""An LDAP client for a directory: it signs in, seals, and reads; it writes nothing."""
