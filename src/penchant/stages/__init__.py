"""The only room that picks parts by name and touches run folders."""
