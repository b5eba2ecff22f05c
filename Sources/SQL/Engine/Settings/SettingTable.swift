/// One setting that SET, SHOW and pg_settings know.
struct SettingDefinition: Sendable {
  enum Kind: Sendable {
    case bool
    /// The unit of a bare number; values may carry others of its family.
    case integer(unit: Unit, ClosedRange<Int>)
    case real(ClosedRange<Double>)
    case text
    case choice([String])
    case list
    /// Shown, never set.
    case fixed
  }
  enum Unit: Sendable { case none, milliseconds, seconds, kilobytes, pages }

  var name: String
  var kind: Kind
  var initial: String
  var isReported = false
  var description = ""
}

/// The settings, by name. Those that change nothing here are kept for the clients that set them.
enum SettingTable {
  static let byName: [String: SettingDefinition] = Dictionary(
    uniqueKeysWithValues: definitions.map { ($0.name.lowercased(), $0) })

  static let definitions: [SettingDefinition] =
    (behaviour + transactions + planner + fixed).sorted {
      $0.name.lowercased() < $1.name.lowercased()
    }

  private static func bool(_ name: String, _ initial: Bool, _ text: String, reported: Bool = false)
    -> SettingDefinition
  {
    SettingDefinition(
      name: name, kind: .bool, initial: initial ? "on" : "off", isReported: reported,
      description: text)
  }
  private static func integer(
    _ name: String, _ initial: Int, _ range: ClosedRange<Int>, _ unit: SettingDefinition.Unit,
    _ text: String
  ) -> SettingDefinition {
    SettingDefinition(
      name: name, kind: .integer(unit: unit, range), initial: String(initial), description: text)
  }
  private static func choice(
    _ name: String, _ initial: String, _ values: [String], _ text: String, reported: Bool = false
  ) -> SettingDefinition {
    SettingDefinition(
      name: name, kind: .choice(values), initial: initial, isReported: reported, description: text)
  }
  private static func text(
    _ name: String, _ initial: String, _ text: String, reported: Bool = false
  ) -> SettingDefinition {
    SettingDefinition(
      name: name, kind: .text, initial: initial, isReported: reported, description: text)
  }
  private static func constant(
    _ name: String, _ value: String, _ text: String, reported: Bool = false
  ) -> SettingDefinition {
    SettingDefinition(
      name: name, kind: .fixed, initial: value, isReported: reported, description: text)
  }

  private static let messageLevels = [
    "debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error",
  ]

  private static let behaviour: [SettingDefinition] = [
    text("application_name", "", "Name of the client's application.", reported: true),
    choice("bytea_output", "hex", ["hex", "escape"], "Output format of bytea."),
    bool("check_function_bodies", true, "Has no effect: there are no functions in SQL."),
    text("client_encoding", "UTF8", "The client's encoding: UTF8.", reported: true),
    choice("client_min_messages", "notice", messageLevels, "Least severity told to the client."),
    text("DateStyle", "ISO, MDY", "How dates are read: ISO with MDY, DMY or YMD.", reported: true),
    bool("default_with_oids", false, "Only off."),
    bool("escape_string_warning", true, "Has no effect."),
    integer(
      "extra_float_digits", 1, -15...3, .none, "Above 0: floats read back exactly."),
    integer(
      "idle_in_transaction_session_timeout", 0, 0...Int(Int32.max), .milliseconds,
      "Ends sessions that idle in a transaction; 0: never."),
    integer(
      "idle_session_timeout", 0, 0...Int(Int32.max), .milliseconds,
      "Ends idle sessions; 0: never."),
    choice(
      "IntervalStyle", "postgres", ["postgres", "iso_8601"], "Output format of intervals.",
      reported: true),
    integer(
      "lock_timeout", 0, 0...Int(Int32.max), .milliseconds,
      "Longest wait for a lock; 0: no limit."),
    integer(
      "quatrain.follower_read_staleness", 0, 0...Int(Int32.max), .milliseconds,
      "Read-only transactions may read what is so old from their node's own replicas; 0: never."),
    bool("row_security", true, "There are no row policies."),
    SettingDefinition(
      name: "search_path", kind: .list, initial: "\"$user\", public",
      description: "Schemas that names are looked up in."),
    integer(
      "quatrain.kafka_fetch_bytes_per_second", 0, 0...Int(Int32.max), .none,
      "Of a role (ALTER ROLE … SET): records that each node gives its Kafka clients; 0: no limit."),
    bool("standard_conforming_strings", true, "Only on.", reported: true),
    integer(
      "statement_timeout", 0, 0...Int(Int32.max), .milliseconds,
      "Longest time of a statement; 0: no limit."),
    bool("synchronize_seqscans", true, "Has no effect."),
    choice(
      "synchronous_commit", "on", ["on", "remote_apply", "remote_write", "local", "off"],
      "Kept for clients: the cluster's durability decides."),
    text("TimeZone", "UTC", "The session's time zone.", reported: true),
    text("timezone_abbreviations", "Default", "Has no effect."),
    integer(
      "work_mem", 524_288, 64...Int(Int32.max), .kilobytes, "Memory that one statement may hold."),
    integer("maintenance_work_mem", 65_536, 1_024...Int(Int32.max), .kilobytes, "Has no effect."),
    text("temp_tablespaces", "", "Has no effect."),
    text("default_tablespace", "", "Has no effect."),
    text("default_table_access_method", "heap", "Has no effect."),
    text("default_toast_compression", "pglz", "Has no effect."),
    text("lc_messages", "C", "Only C."), text("lc_monetary", "C", "Only C."),
    text("lc_numeric", "C", "Only C."), text("lc_time", "C", "Only C."),
    choice("backslash_quote", "safe_encoding", ["safe_encoding", "on", "off"], "Has no effect."),
    choice("xmloption", "content", ["content", "document"], "There is no xml type."),
    text("log_statement", "none", "Has no effect."),
    integer(
      "log_min_duration_statement", -1, -1...Int(Int32.max), .milliseconds, "Has no effect."),
    choice("log_min_messages", "warning", messageLevels + ["fatal", "panic"], "Has no effect."),
    integer("gin_fuzzy_search_limit", 0, 0...Int(Int32.max), .none, "Has no effect."),
    integer(
      "tcp_keepalives_idle", 0, 0...Int(Int32.max), .seconds, "Has no effect."),
    integer("vacuum_cost_delay", 0, 0...100, .milliseconds, "Has no effect."),
    text("local_preload_libraries", "", "Has no effect."),
    choice(
      "password_encryption", "scram-sha-256", ["scram-sha-256"], "How passwords are kept."),
    bool("quote_all_identifiers", false, "Has no effect."),
    bool("transform_null_equals", false, "Only off."),
    bool("zero_damaged_pages", false, "Only off."),
  ]

  private static let transactions: [SettingDefinition] = [
    bool("default_transaction_deferrable", false, "Has no effect."),
    choice(
      "default_transaction_isolation", "read committed",
      ["serializable", "repeatable read", "read committed", "read uncommitted"],
      "Isolation of new transactions."),
    SettingDefinition(
      name: "default_transaction_read_only", kind: .bool, initial: "off", isReported: true,
      description: "Whether new transactions are read-only."),
    choice(
      "transaction_isolation", "read committed",
      ["serializable", "repeatable read", "read committed", "read uncommitted"],
      "Isolation of this transaction."),
    bool("transaction_read_only", false, "Whether this transaction is read-only."),
    bool("transaction_deferrable", false, "Has no effect."),
  ]

  private static let planner: [SettingDefinition] =
    [
      "enable_bitmapscan", "enable_hashagg", "enable_hashjoin", "enable_indexonlyscan",
      "enable_indexscan", "enable_material", "enable_memoize", "enable_mergejoin",
      "enable_nestloop", "enable_parallel_append", "enable_parallel_hash",
      "enable_partition_pruning", "enable_seqscan", "enable_sort", "enable_tidscan", "geqo", "jit",
    ].map { bool($0, $0 != "jit", "Has no effect: plans are chosen otherwise.") } + [
      integer("max_parallel_workers_per_gather", 0, 0...1_024, .none, "Has no effect."),
      integer("from_collapse_limit", 8, 1...Int(Int32.max), .none, "Has no effect."),
      integer("join_collapse_limit", 8, 1...Int(Int32.max), .none, "Has no effect."),
      SettingDefinition(
        name: "random_page_cost", kind: .real(0...1e9), initial: "4", description: "Has no effect."),
      SettingDefinition(
        name: "seq_page_cost", kind: .real(0...1e9), initial: "1", description: "Has no effect."),
      choice(
        "plan_cache_mode", "auto", ["auto", "force_generic_plan", "force_custom_plan"],
        "Has no effect."),
    ]

  private static let fixed: [SettingDefinition] = [
    constant("block_size", "8192", "Kept for clients."),
    constant("data_checksums", "on", "Every record has a CRC32C."),
    constant("data_directory_mode", "0700", "Kept for clients."),
    constant("fsync", "on", "What is acknowledged is on disk."),
    constant("in_hot_standby", "off", "Whether the node only reads.", reported: true),
    constant("integer_datetimes", "on", "Times are 64-bit integers.", reported: true),
    constant("is_superuser", "on", "Whether the user is a superuser.", reported: true),
    constant("lc_collate", "C", "Text compares by its bytes."),
    constant("lc_ctype", "C", "Kept for clients."),
    constant("max_connections", "1000", "Connections that the node takes."),
    constant("max_function_args", "100", "Kept for clients."),
    constant("max_identifier_length", "63", "Longest name, in bytes."),
    constant("max_index_keys", "32", "Columns of an index."),
    constant("max_locks_per_transaction", "64", "Kept for clients."),
    constant("max_prepared_transactions", "0", "There is no PREPARE TRANSACTION."),
    constant("port", "5432", "Kept for clients."),
    constant("quatrain_version", SessionSettings.quatrainVersion, "This server.", reported: true),
    constant("segment_size", "131072", "Kept for clients."),
    constant("server_encoding", "UTF8", "The database's encoding.", reported: true),
    constant(
      "server_version", SessionSettings.serverVersion, "PostgreSQL's version that we speak.",
      reported: true),
    constant("server_version_num", "150018", "The same as a number."),
    constant("session_authorization", "", "Who logged in.", reported: true),
    constant("shared_buffers", "16384", "Kept for clients."),
    constant("ssl", "off", "Whether connections can be encrypted."),
    constant("wal_level", "logical", "Kept for clients."),
    constant("wal_block_size", "8192", "Kept for clients."),
  ]
}
