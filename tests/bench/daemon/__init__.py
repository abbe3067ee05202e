"""Compares the weir daemon with other proxies, side by side. scripts/bench is the door; docs/performance.md the method."""
