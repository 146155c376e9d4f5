"""Did a change work: the effect against a counterfactual from untouched segments, with an honest interval."""
