"""What rows call an account: by its id, or by the handle that people see, as most exports of shops do."""

_NAMED = "SELECT value FROM dictionary WHERE dimension = 'creator_id'"
_BARE = "ltrim(lower({}), '@')"
NAMED_CREATORS = (
    f"(SELECT iif(creator_id IN ({_NAMED}), creator_id, ifnull(value, creator_id)) AS name, creators.* "
    f"FROM creators LEFT JOIN (SELECT {_BARE.format('value')} AS bare, min(value) AS value FROM ({_NAMED}) "
    f"WHERE value NOT IN (SELECT creator_id FROM creators) GROUP BY 1 HAVING count(*) = 1) "
    f"ON bare = {_BARE.format('handle')} AND bare IN "
    f"(SELECT {_BARE.format('handle')} FROM creators GROUP BY 1 HAVING count(*) = 1))"
)
"""SQL: the table `creators` with the `name` of each account in rows: its handle, with `@` or without and in any case of ASCII
letters, where they have that and never its id, and it is neither the id nor the handle of another account; else its id."""
