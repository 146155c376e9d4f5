"""Read only: cubes and columns of a workspace, and the SQL that gives the same figures by hand."""
