"""What is asked of the VMM server: PowerShell files with a JSON contract each."""
