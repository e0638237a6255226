"""A WS-Management client, by pywinrm or on its own: Identify, Enumerate, Invoke and WinRS."""
