"""What people ask in words, read against what a workspace holds, and answered."""
