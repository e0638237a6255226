"""The lab: a simulated fleet, a process of its own. What it shows is never evidence."""
