"""Tells what is told, or said to somebody, from what is ordered."""
