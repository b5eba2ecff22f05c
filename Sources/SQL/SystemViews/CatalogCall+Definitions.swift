import Base
import Catalog
import Functions
import Syntax
import Types

/// `pg_get_…`, descriptions and sizes.
extension CatalogCall {
  func definitions() throws(SQLError) -> Value? {
    switch name {
    case "pg_get_expr":
      return arguments[0].isNull ? .null : .string(prettyDefinitions(2).shown(text(0)))
    case "pg_get_indexdef":
      guard let (table, index) = catalog.index(oid(0)) else { return .null }
      let place = integer(1)
      return .string(
        place > 0
          ? prettyDefinitions(2).part(place - 1, of: index, table)
          : prettyDefinitions(2).index(index, of: table))
    case "pg_get_constraintdef":
      return .optional(prettyDefinitions(1).constraint(oid(0)))
    case "pg_get_viewdef":
      let id = arguments.first.flatMap { value -> ObjectID? in
        if case .text = value { return relation(text(0)) }
        return oid(0)
      }
      guard let id, case .view(let view) = catalog.objects[id] else { return .null }
      return .string(" " + view.query + ";")
    case "pg_get_serial_sequence":
      guard let id = relation(text(0)), let table = catalog.table(id) else {
        throw SQLError(.undefinedTable, "relation \"\(text(0))\" does not exist")
      }
      guard let column = table.column(named: text(1)) else {
        throw SQLError(
          .undefinedColumn,
          "column \"\(text(1))\" of relation \"\(table.name)\" does not exist")
      }
      guard let owned = column.ownedSequence, let sequence = catalog.sequence(owned) else {
        return .null
      }
      let schema = catalog.objects[sequence.schema]?.name ?? ""
      return .string(SyntaxPrinter.quoted(schema) + "." + SyntaxPrinter.quoted(sequence.name))
    case "pg_get_function_result":
      guard let function = FunctionRegistry.builtin.function(oid(0)) else { return .null }
      return .string((function.returnsSet ? "SETOF " : "") + formatType(function.result))
    case "pg_get_function_arguments", "pg_get_function_identity_arguments":
      guard let function = FunctionRegistry.builtin.function(oid(0)) else { return .null }
      let types = function.argumentTypes.enumerated().map { place, type in
        let isLast = place == function.argumentTypes.count - 1
        return (function.isVariadic && isLast ? "VARIADIC " : "") + formatType(type)
      }
      return .string(types.joined(separator: ", "))
    case "obj_description", "col_description", "shobj_description": return description()
    case "pg_get_replica_identity_index": return .null
    case _ where name.hasPrefix("pg_get_"): return .null
    default: return nil
    }
  }

  /// With the pretty flag of this argument.
  private func prettyDefinitions(_ place: Int) -> ObjectDefinitions {
    var definitions = definitionsOfObjects
    if place < arguments.count, case .bool(true) = arguments[place] { definitions.isPretty = true }
    return definitions
  }

  private func description() -> Value {
    if name == "col_description" {
      let number = integer(1)
      switch catalog.objects[oid(0)] {
      case .table(let table):
        guard (1...max(table.columns.count, 1)).contains(number), number <= table.columns.count
        else { return .null }
        return .optional(table.columns[number - 1].comment)
      case .view(let view):
        guard number >= 1, number <= view.columns.count else { return .null }
        return .optional(view.columns[number - 1].comment)
      default: return .null
      }
    }
    if let (_, index) = catalog.index(oid(0)) { return .optional(index.comment) }
    switch catalog.objects[oid(0)] {
    case .table(let item): return .optional(item.comment)
    case .view(let item): return .optional(item.comment)
    case .sequence(let item): return .optional(item.comment)
    case .schema(let item): return .optional(item.comment)
    case .type(let item): return .optional(item.comment)
    case .role(let item): return .optional(item.comment)
    default: return .null
    }
  }

  func others() throws(SQLError) -> Value? {
    switch name {
    case "pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size",
      "pg_database_size", "pg_tablespace_size", "pg_stat_get_numscans", "pg_stat_get_live_tuples",
      "pg_stat_get_dead_tuples":
      return .int(0)
    case "pg_relation_filenode": return arguments[0]
    case "pg_relation_is_publishable":
      return .bool(catalog.table(oid(0)) != nil)
    case "pg_relation_is_updatable": return .int(catalog.table(oid(0)) == nil ? 0 : 28)
    case "pg_column_is_updatable": return .bool(catalog.table(oid(0)) != nil)
    case "pg_sequence_last_value", "pg_tablespace_location", "pg_relation_filepath",
      "pg_filenode_relation", "pg_partition_root", "inet_server_addr", "inet_server_port",
      "inet_client_addr", "inet_client_port", "pg_collation_actual_version",
      "pg_database_collation_actual_version", "pg_settings_get_flags", "pg_describe_object",
      "pg_identify_object", "pg_conf_load_time":
      return name == "pg_tablespace_location" ? .string("") : .null
    case "pg_postmaster_start_time": return .int(context.transactionTimestamp)
    case "pg_my_temp_schema": return temporarySchema.map { .oid($0) } ?? .int(0)
    case "pg_is_other_temp_schema":
      return .bool(
        catalog.objects[oid(0)]?.name.hasPrefix("pg_temp_") == true && oid(0) != temporarySchema)
    case "row_security_active": return .bool(false)
    case "pg_encoding_max_length": return .int(4)
    case "pg_index_column_has_property", "pg_index_has_property", "pg_indexam_has_property":
      return .bool(
        ["asc", "orderable", "can_order", "can_unique", "can_multi_col"].contains(
          text(arguments.count - 1)))
    case "acldefault": return .null
    default: return nil
    }
  }

  func rows() throws(SQLError) -> [[Value]] {
    switch name {
    case "aclexplode": return explodedAccess()
    case "pg_sequence_parameters":
      guard let sequence = catalog.sequence(oid(0)) else { return [] }
      return [
        [
          .int(sequence.start), .int(sequence.minimum), .int(sequence.maximum),
          .int(sequence.increment), .bool(sequence.cycles), .int(sequence.cache),
          .oid(sequence.type.oid),
        ]
      ]
    case "pg_partition_tree", "pg_partition_ancestors", "pg_available_extensions",
      "pg_available_extension_versions", "pg_get_publication_tables", "pg_lock_status",
      "pg_listening_channels", "pg_options_to_table", "pg_cursor", "pg_prepared_statement",
      "pg_prepared_xact", "pg_timezone_abbrevs", "pg_timezone_names", "pg_config",
      "pg_tablespace_databases", "pg_extension_update_paths", "pg_get_catalog_foreign_keys",
      "pg_show_all_settings":
      return []
    case "pg_get_keywords":
      return Keywords.reserved.sorted().map {
        [.string($0), .string("R"), .bool(false), .string("reserved"), .string("requires AS")]
      }
    default: throw SQLError(.featureNotSupported, "function \(name) is not supported")
    }
  }

  /// `grantee=letters/grantor` as rows.
  private func explodedAccess() -> [[Value]] {
    guard case .array(let items) = arguments[0] else { return [] }
    let words: [Character: String] = [
      "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "D": "TRUNCATE",
      "x": "REFERENCES", "t": "TRIGGER", "U": "USAGE", "C": "CREATE", "c": "CONNECT",
      "T": "TEMPORARY", "X": "EXECUTE",
    ]
    var rows: [[Value]] = []
    for case .text(let bytes) in items.elements {
      let item = String(decoding: bytes, as: UTF8.self)
      let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else { continue }
      let rest = sides[1].split(separator: "/", omittingEmptySubsequences: false)
      func id(_ name: Substring) -> Value {
        .oid(catalog.role(named: String(name))?.id ?? ObjectID(rawValue: 0))
      }
      let letters = Array(rest[0])
      for (place, letter) in letters.enumerated() {
        guard let word = words[letter] else { continue }
        let isGrantable = place + 1 < letters.count && letters[place + 1] == "*"
        rows.append([id(rest.last ?? ""), id(sides[0]), .string(word), .bool(isGrantable)])
      }
    }
    return rows
  }
}
