"""The cube: leaf rows as integer codes and measures, their roll-ups, and what can be requested."""
