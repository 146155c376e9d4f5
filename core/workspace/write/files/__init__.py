"""The files of a load: which of them hold exports, how each is read, and where its rows come from."""
