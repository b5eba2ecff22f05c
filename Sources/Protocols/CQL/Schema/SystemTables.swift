import Base
import Catalog
import Types

/// What the rows of virtual tables are made of. A value: rows are made on the session's shard.
struct SystemContext: Sendable {
  var keyspaces: [KeyspaceFacts]
  var local: NodeFacts
  /// The other nodes.
  var peers: [NodeFacts]
  var roles: [RoleFacts]
}

struct RoleFacts: Sendable {
  var name: String
  var canLogin: Bool
  var isSuperuser: Bool
  var memberOf: [String]
}

/// A node as drivers see it.
struct NodeFacts: Sendable {
  var hostID: UUIDValue
  var address: InetValue
  var port: Int
  var schemaVersion: UUIDValue
  /// The last of each range that it leads, as text.
  var tokens: [String]
  var clusterName = "quatrain"
}

/// A keyspace with all that it has, as `system_schema` shows it.
struct KeyspaceFacts: Sendable {
  var name: String
  var replication: [(String, String)]
  var durableWrites = true
  var tables: [TableFacts]
  var types: [(name: String, fields: [CQLType.Field])]
  var views: [ViewFacts] = []
  var functions: [UserFunction] = []
  var aggregates: [UserAggregate] = []
}

struct TableFacts: Sendable {
  var table: CQLTable
  var options: TableOptions
  var indexes: [IndexFacts]
}

struct ViewFacts: Sendable {
  var table: TableFacts
  var baseID: UUIDValue
  var baseName: String
  var whereClause: String
  var isWhole: Bool
  var isBuilt = true
}

struct IndexFacts: Sendable {
  var name: String
  /// As CREATE INDEX has it: a column, or `keys(column)`.
  var target: String
}

/// Tables that are made up when they are read: those of the keyspaces `system` and the like.
enum SystemTables {
  static let keyspaces = [
    "system", "system_auth", "system_distributed", "system_schema", "system_traces",
    "system_virtual_schema",
  ]

  static let releaseVersion = "4.0.11"
  /// Of all nodes.
  static let dataCenter = "datacenter1"
  static let cqlVersion = "3.4.5"
  static let partitioner = "org.apache.cassandra.dht.Murmur3Partitioner"

  private static let all: [String: CQLTable] = {
    var all: [String: CQLTable] = [:]
    for table in viewTables + nodeTables + schemaTables + roleTables + traceTables + virtualTables {
      all["\(table.keyspace).\(table.name)"] = table
    }
    return all
  }()

  static func table(_ keyspace: String, _ name: String) -> CQLTable? { all["\(keyspace).\(name)"] }

  static func tables(in keyspace: String) -> [CQLTable] {
    all.values.filter { $0.keyspace == keyspace }.sorted { $0.name < $1.name }
  }

  /// `columns`: a name and a type each, with a mark: `*` of the partition key, `+` of a clustering column.
  static func define(
    _ keyspace: String, _ name: String, _ columns: [(String, CQLType)],
    _ rows: @escaping @Sendable (SystemContext) async -> [[Datum]]
  ) -> CQLTable {
    var made: [CQLColumn] = []
    for (place, (marked, type)) in columns.enumerated() {
      let kind: CQLColumn.Kind =
        marked.hasPrefix("*") ? .partitionKey : marked.hasPrefix("+") ? .clustering : .regular
      let component = kind == .regular ? -1 : made.count { $0.kind == kind }
      made.append(
        CQLColumn(
          name: kind == .regular ? marked : String(marked.dropFirst()), type: type, kind: kind,
          component: component, slot: place))
    }
    return CQLTable(
      keyspace: keyspace, name: name, id: ObjectID(rawValue: 0), columns: made, stored: nil,
      virtual: rows)
  }

  private static let textMap = CQLType.frozen(.map(.text, .text))

  static func map(_ entries: [(String, String)]) -> Datum {
    .map(entries.map { Datum.Entry(key: .text($0.0), value: .text($0.1)) }, .text)
  }

  // MARK: Nodes

  private static let nodeTables: [CQLTable] = [
    define(
      "system", "local",
      [
        ("*key", .text), ("bootstrapped", .text), ("broadcast_address", .inet),
        ("broadcast_port", .int), ("cluster_name", .text), ("cql_version", .text),
        ("data_center", .text), ("gossip_generation", .int), ("host_id", .uuid),
        ("listen_address", .inet), ("listen_port", .int), ("native_protocol_version", .text),
        ("partitioner", .text), ("rack", .text), ("release_version", .text),
        ("rpc_address", .inet), ("rpc_port", .int), ("schema_version", .uuid),
        ("tokens", .set(.text)),
      ]
    ) { context in
      let node = context.local
      let address = Datum.scalar(.inet(node.address))
      let port = Datum.int(Int64(node.port))
      return [
        [
          .text("local"), .text("COMPLETED"), address, port, .text(node.clusterName),
          .text(cqlVersion), .text(dataCenter), .int(1), .scalar(.uuid(node.hostID)), address,
          port, .text("5"), .text(partitioner), .text("rack1"), .text(releaseVersion), address,
          port, .scalar(.uuid(node.schemaVersion)), .set(node.tokens.map { .text($0) }, .text),
        ]
      ]
    },
    define(
      "system", "peers",
      [
        ("*peer", .inet), ("data_center", .text), ("host_id", .uuid), ("preferred_ip", .inet),
        ("rack", .text), ("release_version", .text), ("rpc_address", .inet),
        ("schema_version", .uuid), ("tokens", .set(.text)),
      ]
    ) { context in
      context.peers.map { node in
        [
          .scalar(.inet(node.address)), .text(dataCenter), .scalar(.uuid(node.hostID)), .null,
          .text("rack1"), .text(releaseVersion), .scalar(.inet(node.address)),
          .scalar(.uuid(node.schemaVersion)), .set(node.tokens.map { .text($0) }, .text),
        ]
      }
    },
    define(
      "system", "peers_v2",
      [
        ("*peer", .inet), ("+peer_port", .int), ("data_center", .text), ("host_id", .uuid),
        ("native_address", .inet), ("native_port", .int), ("preferred_ip", .inet),
        ("preferred_port", .int), ("rack", .text), ("release_version", .text),
        ("schema_version", .uuid), ("tokens", .set(.text)),
      ]
    ) { context in
      context.peers.map { node in
        let address = Datum.scalar(.inet(node.address))
        let port = Datum.int(Int64(node.port))
        return [
          address, port, .text(dataCenter), .scalar(.uuid(node.hostID)), address, port, .null,
          .null, .text("rack1"), .text(releaseVersion), .scalar(.uuid(node.schemaVersion)),
          .set(node.tokens.map { .text($0) }, .text),
        ]
      }
    },
    define(
      "system", "size_estimates",
      [
        ("*keyspace_name", .text), ("+table_name", .text), ("+range_start", .text),
        ("+range_end", .text), ("mean_partition_size", .bigint), ("partitions_count", .bigint),
      ]
    ) { _ in [] },
  ]

  // MARK: Schema

  private static let schemaTables: [CQLTable] = [
    define(
      "system_schema", "keyspaces",
      [("*keyspace_name", .text), ("durable_writes", .boolean), ("replication", textMap)]
    ) { context in
      context.keyspaces.map { keyspace in
        [.text(keyspace.name), .bool(keyspace.durableWrites), map(keyspace.replication)]
      }
    },
    define(
      "system_schema", "tables",
      [
        ("*keyspace_name", .text), ("+table_name", .text),
        ("additional_write_policy", .text), ("bloom_filter_fp_chance", .double),
        ("caching", textMap), ("cdc", .boolean), ("comment", .text), ("compaction", textMap),
        ("compression", textMap), ("crc_check_chance", .double),
        ("dclocal_read_repair_chance", .double), ("default_time_to_live", .int),
        ("extensions", .frozen(.map(.text, .blob))), ("flags", .frozen(.set(.text))),
        ("gc_grace_seconds", .int), ("id", .uuid), ("max_index_interval", .int),
        ("memtable_flush_period_in_ms", .int), ("min_index_interval", .int),
        ("read_repair", .text), ("read_repair_chance", .double), ("speculative_retry", .text),
      ]
    ) { context in
      context.keyspaces.flatMap { keyspace in
        keyspace.tables.map { $0.options.row(keyspace.name, $0.table) }
      }
    },
    define(
      "system_schema", "columns",
      [
        ("*keyspace_name", .text), ("+table_name", .text), ("+column_name", .text),
        ("clustering_order", .text), ("column_name_bytes", .blob), ("kind", .text),
        ("position", .int), ("type", .text),
      ]
    ) { context in
      context.keyspaces.flatMap { keyspace in
        (keyspace.tables + keyspace.views.map(\.table)).flatMap {
          columnRows(keyspace.name, $0.table)
        }
      }
    },
    define(
      "system_schema", "types",
      [
        ("*keyspace_name", .text), ("+type_name", .text),
        ("field_names", .frozen(.list(.text))), ("field_types", .frozen(.list(.text))),
      ]
    ) { context in
      context.keyspaces.flatMap { keyspace in
        keyspace.types.map { type in
          [
            .text(keyspace.name), .text(type.name), .list(type.fields.map { .text($0.name) }),
            .list(type.fields.map { .text($0.type.name) }),
          ]
        }
      }
    },
    define(
      "system_schema", "indexes",
      [
        ("*keyspace_name", .text), ("+table_name", .text), ("+index_name", .text),
        ("kind", .text), ("options", textMap),
      ]
    ) { context in
      context.keyspaces.flatMap { keyspace in
        keyspace.tables.flatMap { table in
          table.indexes.map { index in
            [
              .text(keyspace.name), .text(table.table.name), .text(index.name),
              .text("COMPOSITES"), map([("target", index.target)]),
            ]
          }
        }
      }
    },
    define(
      "system_schema", "functions",
      [
        ("*keyspace_name", .text), ("+function_name", .text),
        ("+argument_types", .frozen(.list(.text))), ("argument_names", .frozen(.list(.text))),
        ("body", .text), ("called_on_null_input", .boolean), ("language", .text),
        ("return_type", .text),
      ]
    ) { context in context.keyspaces.flatMap { functionRows($0) } },
    define(
      "system_schema", "aggregates",
      [
        ("*keyspace_name", .text), ("+aggregate_name", .text),
        ("+argument_types", .frozen(.list(.text))), ("final_func", .text), ("initcond", .text),
        ("return_type", .text), ("state_func", .text), ("state_type", .text),
      ]
    ) { context in context.keyspaces.flatMap { aggregateRows($0) } },
    define(
      "system_schema", "triggers",
      [
        ("*keyspace_name", .text), ("+table_name", .text), ("+trigger_name", .text),
        ("options", textMap),
      ]
    ) { _ in [] },
    define(
      "system_schema", "views",
      [
        ("*keyspace_name", .text), ("+view_name", .text), ("base_table_id", .uuid),
        ("base_table_name", .text), ("bloom_filter_fp_chance", .double), ("caching", textMap),
        ("cdc", .boolean), ("comment", .text), ("compaction", textMap), ("compression", textMap),
        ("crc_check_chance", .double), ("dclocal_read_repair_chance", .double),
        ("default_time_to_live", .int), ("extensions", .frozen(.map(.text, .blob))),
        ("gc_grace_seconds", .int), ("id", .uuid), ("include_all_columns", .boolean),
        ("max_index_interval", .int), ("memtable_flush_period_in_ms", .int),
        ("min_index_interval", .int), ("read_repair_chance", .double),
        ("speculative_retry", .text), ("where_clause", .text),
      ]
    ) { context in context.keyspaces.flatMap { viewRows($0) } },
    define(
      "system_schema", "dropped_columns",
      [
        ("*keyspace_name", .text), ("+table_name", .text), ("+column_name", .text),
        ("dropped_time", .timestamp), ("kind", .text), ("type", .text),
      ]
    ) { _ in [] },
  ]

  private static func columnRows(_ keyspace: String, _ table: CQLTable) -> [[Datum]] {
    table.columns.map { column in
      [
        .text(keyspace), .text(table.name), .text(column.name),
        .text(column.kind == .clustering ? (column.isDescending ? "desc" : "asc") : "none"),
        .scalar(.bytes(Array(column.name.utf8))), .text(column.kind.rawValue),
        .int(Int64(column.component)), .text(column.type.name),
      ]
    }.sorted { ($0[2].text ?? "") < ($1[2].text ?? "") }
  }

  // MARK: Others

  /// Without what proves who they are.
  private static let roleTables: [CQLTable] = [
    define(
      "system_auth", "roles",
      [
        ("*role", .text), ("can_login", .boolean), ("is_superuser", .boolean),
        ("member_of", .set(.text)),
      ]
    ) { context in
      context.roles.map { role in
        [
          .text(role.name), .bool(role.canLogin), .bool(role.isSuperuser),
          role.memberOf.isEmpty ? .null : .set(role.memberOf.map { .text($0) }, .text),
        ]
      }
    }
  ]

  private static let traceTables: [CQLTable] = [
    define(
      "system_traces", "sessions",
      [
        ("*session_id", .uuid), ("client", .inet), ("command", .text), ("coordinator", .inet),
        ("coordinator_port", .int), ("duration", .int), ("parameters", textMap),
        ("request", .text), ("started_at", .timestamp),
      ]
    ) { _ in [] },
    define(
      "system_traces", "events",
      [
        ("*session_id", .uuid), ("+event_id", .native(.timeuuid)), ("activity", .text),
        ("source", .inet), ("source_elapsed", .int), ("source_port", .int), ("thread", .text),
      ]
    ) { _ in [] },
  ]

  private static let virtualTables: [CQLTable] = [
    define("system_virtual_schema", "keyspaces", [("*keyspace_name", .text)]) { _ in
      [[.text("system_virtual_schema")]]
    },
    define(
      "system_virtual_schema", "tables",
      [("*keyspace_name", .text), ("+table_name", .text), ("comment", .text)]
    ) { _ in
      SystemTables.tables(in: "system_virtual_schema").map {
        [.text($0.keyspace), .text($0.name), .text("virtual schema")]
      }
    },
    define(
      "system_virtual_schema", "columns",
      [
        ("*keyspace_name", .text), ("+table_name", .text), ("+column_name", .text),
        ("clustering_order", .text), ("column_name_bytes", .blob), ("kind", .text),
        ("position", .int), ("type", .text),
      ]
    ) { _ in
      SystemTables.tables(in: "system_virtual_schema").flatMap {
        columnRows("system_virtual_schema", $0)
      }
    },
  ]
}
