/// Words that are no names unless they stand in double quotes.
enum Keywords {
  static let reserved: Set<String> = [
    "add", "allow", "alter", "and", "apply", "asc", "authorize", "batch", "begin", "by",
    "columnfamily",
    "create", "default", "delete", "desc", "describe", "drop", "entries", "execute", "from", "full",
    "grant",
    "if", "in", "index", "infinity", "insert", "into", "is", "keyspace", "limit", "materialized",
    "mbean",
    "mbeans", "modify", "nan", "norecursive", "not", "null", "of", "on", "or", "order", "primary",
    "rename", "replace", "revoke", "schema", "select", "set", "table", "to", "token", "truncate",
    "unlogged", "unset", "update", "use", "using", "view", "where", "with",
  ]
}
