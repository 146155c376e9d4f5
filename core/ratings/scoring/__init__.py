"""Evidence to points, grades and ranks: priors, peers, scores."""
