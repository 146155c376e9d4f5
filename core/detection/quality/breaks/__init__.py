"""Daily exports that are counted otherwise in a segment since some day."""
