"""What a Home Assistant component is: one file each, with how it is told and how it is read."""
