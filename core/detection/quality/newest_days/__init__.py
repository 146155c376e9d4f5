"""The newest days of exports: unfinished, ended at other hours, or still to come in part."""
