import Base
import Catalog
import Types

/// pg_tables, pg_views, pg_indexes, pg_sequences and the statistics by table.
extension SystemTables {
  static func addViews(_ all: inout [String: Generator]) {
    all["pg_catalog.pg_tables"] = { source in
      let system = SystemRelation.all.filter { $0.kind == "r" }.map { item in
        source.row([
          "schemaname": .string(item.schema), "tablename": .string(item.name),
          "tableowner": .string(source.roleName(CatalogSnapshot.bootstrapRole)),
          "hasindexes": .bool(false), "hasrules": .bool(false), "hastriggers": .bool(false),
          "rowsecurity": .bool(false),
        ])
      }
      let own = source.tables.map { table in
        source.row([
          "schemaname": .string(source.schemaName(table.schema)), "tablename": .string(table.name),
          "tableowner": .string(source.roleName(table.owner)),
          "hasindexes": .bool(!source.indexes(of: table).isEmpty), "hasrules": .bool(false),
          "hastriggers": .bool(!table.foreignKeys.isEmpty), "rowsecurity": .bool(false),
        ])
      }
      return system + own
    }
    all["pg_catalog.pg_views"] = { source in
      let system = SystemRelation.all.filter { $0.kind == "v" }.map { item in
        source.row([
          "schemaname": .string(item.schema), "viewname": .string(item.name),
          "viewowner": .string(source.roleName(CatalogSnapshot.bootstrapRole)),
        ])
      }
      let own = source.views.map { view in
        source.row([
          "schemaname": .string(source.schemaName(view.schema)), "viewname": .string(view.name),
          "viewowner": .string(source.roleName(view.owner)),
          "definition": .string(" " + view.query + ";"),
        ])
      }
      return system + own
    }
    all["pg_catalog.pg_indexes"] = { source in
      let definitions = ObjectDefinitions(catalog: source.catalog, searchPath: [])
      return source.tables.flatMap { table in
        source.indexes(of: table).map { index in
          source.row([
            "schemaname": .string(source.schemaName(table.schema)),
            "tablename": .string(table.name), "indexname": .string(index.name),
            "indexdef": .string(definitions.index(index, of: table)),
          ])
        }
      }
    }
    all["pg_catalog.pg_sequences"] = { source in
      source.sequences.map { sequence in
        source.row([
          "schemaname": .string(source.schemaName(sequence.schema)),
          "sequencename": .string(sequence.name),
          "sequenceowner": .string(source.roleName(sequence.owner)),
          "data_type": .oid(sequence.type.oid), "start_value": .int(sequence.start),
          "min_value": .int(sequence.minimum), "max_value": .int(sequence.maximum),
          "increment_by": .int(sequence.increment), "cycle": .bool(sequence.cycles),
          "cache_size": .int(sequence.cache),
        ])
      }
    }
    for name in ["pg_stat_user_tables", "pg_stat_all_tables", "pg_statio_user_tables"] {
      all["pg_catalog.\(name)"] = { source in
        source.tables.map { table in
          source.row([
            "relid": .oid(table.id), "schemaname": .string(source.schemaName(table.schema)),
            "relname": .string(table.name),
          ])
        }
      }
    }
  }
}
