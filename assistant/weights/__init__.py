"""Where weights come from and where they lie. Nothing else in the house knows either."""
