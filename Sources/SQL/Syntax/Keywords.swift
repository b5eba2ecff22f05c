/// PostgreSQL's words that cannot be a column's or table's name without quotes (its Appendix C:
/// reserved, and reserved but for functions and types).
public enum Keywords {
  public static let reserved = Set(
    """
    all analyse analyze and any array as asc asymmetric authorization between binary both case \
    cast check collate collation column concurrently constraint create cross current_catalog \
    current_date current_role current_schema current_time current_timestamp current_user default \
    deferrable desc distinct do else end except exists extract false fetch for foreign freeze from \
    full grant greatest group grouping having ilike in initially inner intersect into is isnull \
    join lateral leading least left like limit localtime localtimestamp natural normalize not \
    notnull null nullif offset on only or order outer overlaps overlay placing position primary \
    references returning right row select session_user setof similar some substring symmetric \
    table tablesample then to trailing treat trim true union unique user using values variadic \
    verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest \
    xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable coalesce
    """.split(separator: " ").map(String.init))
}
