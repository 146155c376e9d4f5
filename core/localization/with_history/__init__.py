"""Root-cause segments of a window of a workspace; the noise is learnt from past weeks."""
