"""Inventories from where the hosts are: VMM, a directory, a cluster, or Ansible."""
