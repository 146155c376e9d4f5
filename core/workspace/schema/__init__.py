"""Tables, migrations, connections and the log of loads: what reading and writing share."""
