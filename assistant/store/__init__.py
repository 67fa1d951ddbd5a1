"""What the daemon keeps: the conversations, which are also the record of who had what done, and why."""
