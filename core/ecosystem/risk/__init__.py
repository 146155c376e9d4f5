"""Leads to fraud: members whose pattern is unusual for their peers."""
