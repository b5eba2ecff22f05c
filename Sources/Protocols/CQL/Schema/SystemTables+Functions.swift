import Types

/// Rows of `system_schema.functions` and `aggregates`.
extension SystemTables {
  private static func list(_ texts: [String]) -> Datum { .list(texts.map { .text($0) }) }

  static func functionRows(_ keyspace: KeyspaceFacts) -> [[Datum]] {
    keyspace.functions.map { function in
      [
        .text(keyspace.name), .text(function.name), list(function.parameters.map(\.type)),
        list(function.parameters.map(\.name)), .text(function.body),
        .bool(function.isCalledOnNull), .text(function.language.rawValue), .text(function.returns),
      ]
    }
  }

  static func aggregateRows(_ keyspace: KeyspaceFacts) -> [[Datum]] {
    keyspace.aggregates.map { aggregate in
      [
        .text(keyspace.name), .text(aggregate.name), list(aggregate.parameters),
        aggregate.finalFunction.map { .text($0) } ?? .null,
        aggregate.initial.map { .text($0) } ?? .null, .text(aggregate.returns),
        .text(aggregate.stateFunction), .text(aggregate.stateType),
      ]
    }
  }

  /// In the order of the columns of `system_schema.views`.
  static func viewRows(_ keyspace: KeyspaceFacts) -> [[Datum]] {
    keyspace.views.map { view in
      let names = [
        "bloom_filter_fp_chance", "caching", "cdc", "comment", "compaction", "compression",
        "crc_check_chance", "dclocal_read_repair_chance", "default_time_to_live", "extensions",
        "gc_grace_seconds",
      ]
      let options = view.table.options.row(keyspace.name, view.table.table)
      // Columns of `tables`, after its first three.
      let shared = Dictionary(
        uniqueKeysWithValues: zip(
          [
            "bloom_filter_fp_chance", "caching", "cdc", "comment", "compaction", "compression",
            "crc_check_chance", "dclocal_read_repair_chance", "default_time_to_live", "extensions",
            "flags", "gc_grace_seconds", "id", "max_index_interval",
            "memtable_flush_period_in_ms", "min_index_interval", "read_repair",
            "read_repair_chance", "speculative_retry",
          ], options.dropFirst(3)))
      func value(_ name: String) -> Datum { shared[name] ?? .null }
      return [
        .text(keyspace.name), .text(view.table.table.name),
        .scalar(.uuid(view.baseID)), .text(view.baseName),
      ] + names.map(value) + [
        value("id"), .bool(view.isWhole), value("max_index_interval"),
        value("memtable_flush_period_in_ms"), value("min_index_interval"),
        value("read_repair_chance"), value("speculative_retry"), .text(view.whereClause),
      ]
    }
  }

  /// Which indexes are whole, and which views have all rows.
  static let viewTables: [CQLTable] = [
    // Its `table_name` is the keyspace.
    define(
      "system", "IndexInfo", [("*table_name", .text), ("+index_name", .text), ("value", .blob)]
    ) { context in
      context.keyspaces.flatMap { keyspace in
        keyspace.tables.flatMap { table in
          table.indexes.map { [.text(keyspace.name), .text($0.name), .null] }
        }
      }
    },
    define(
      "system", "built_views",
      [("*keyspace_name", .text), ("+view_name", .text), ("status_replicated", .boolean)]
    ) { context in
      context.keyspaces.flatMap { keyspace in
        keyspace.views.filter(\.isBuilt).map {
          [.text(keyspace.name), .text($0.table.table.name), .bool(true)]
        }
      }
    },
    define(
      "system_distributed", "view_build_status",
      [("*keyspace_name", .text), ("*view_name", .text), ("+host_id", .uuid), ("status", .text)]
    ) { context in
      context.keyspaces.flatMap { keyspace in
        keyspace.views.map {
          [
            .text(keyspace.name), .text($0.table.table.name), .scalar(.uuid(context.local.hostID)),
            .text($0.isBuilt ? "SUCCESS" : "STARTED"),
          ]
        }
      }
    },
  ]
}
