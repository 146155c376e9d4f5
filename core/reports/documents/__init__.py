"""Results as reports: what each command prints and each file holds."""
