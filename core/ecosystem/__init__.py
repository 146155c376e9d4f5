"""The health of the whole: who gets the exposure and the sales, who comes and goes, whether ratings are fair, what looks odd."""
