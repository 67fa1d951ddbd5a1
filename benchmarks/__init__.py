"""What is measured, and compared with peers in the same run (docs/measuring.md)."""
