#!/usr/bin/env bash
# Writes the columns of PostgreSQL's system catalogs as Swift, from a running PostgreSQL 15.
# usage: scripts/system-columns.sh HOST PORT USER DATABASE >Sources/SQL/SystemViews/SystemColumns.swift
set -euo pipefail
rows() {
  psql -X -A -t -h "$1" -p "$2" -U "$3" "$4" -c "
    select n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || c.oid || ' '
      || string_agg(a.attname || ':' || coalesce(b.typname, t.typname), ' ' order by a.attnum)
    from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      join pg_type t on t.oid = a.atttypid
      left join pg_type b on b.oid = t.typbasetype
    where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v')
    group by n.nspname, c.relname, c.relkind, c.oid
    order by n.nspname desc, c.relname" | fold -s -w 94 | sed 's/ $//'
}
cat <<'EOF'
/// The columns of PostgreSQL 15's system catalogs, by scripts/system-columns.sh. A relation begins
/// with its qualified name, its kind and its oid; a column is `name:type`.
enum SystemColumns {
  static let text = """
EOF
rows "$@" | sed 's/^/    /'
cat <<'EOF'
    """
}
EOF
