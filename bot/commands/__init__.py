"""What the subcommands of ``frontdesk`` do."""
