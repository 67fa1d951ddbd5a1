"""The home and the car: rooms, things, what they can do, what was asked of them, and what they did."""
