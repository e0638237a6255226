"""A WS-Management client on pywinrm's transport: Identify, Enumerate, Invoke and WinRS."""
