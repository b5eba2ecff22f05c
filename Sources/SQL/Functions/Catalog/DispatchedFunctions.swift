import Base
import Types

/// Functions that the catalog or the engine computes, and those of the session's state.
extension FunctionRegistry {
  /// Scalar functions of the catalog.
  private static let catalogNames = """
    pg_get_constraintdef pg_get_expr pg_get_function_arg_default pg_get_function_arguments \
    pg_get_function_identity_arguments pg_get_function_result pg_get_function_sqlbody \
    pg_get_functiondef pg_get_indexdef pg_get_partition_constraintdef pg_get_partkeydef \
    pg_get_ruledef pg_get_serial_sequence pg_get_triggerdef pg_get_userbyid pg_get_viewdef \
    pg_get_statisticsobjdef pg_get_statisticsobjdef_columns pg_get_statisticsobjdef_expressions \
    pg_get_replica_identity_index pg_table_is_visible pg_type_is_visible pg_function_is_visible \
    pg_operator_is_visible pg_opclass_is_visible pg_opfamily_is_visible pg_collation_is_visible \
    pg_conversion_is_visible pg_statistics_obj_is_visible pg_ts_config_is_visible \
    pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible \
    has_any_column_privilege has_column_privilege has_database_privilege \
    has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege \
    has_parameter_privilege has_schema_privilege has_sequence_privilege has_server_privilege \
    has_table_privilege has_tablespace_privilege has_type_privilege pg_has_role \
    row_security_active obj_description col_description shobj_description to_regclass \
    to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure \
    to_regrole to_regtype format_type acldefault pg_relation_size pg_table_size pg_indexes_size \
    pg_total_relation_size pg_database_size pg_tablespace_size pg_tablespace_location \
    pg_relation_filenode pg_relation_filepath pg_filenode_relation pg_relation_is_publishable \
    pg_relation_is_updatable pg_column_is_updatable pg_partition_root pg_sequence_last_value \
    pg_describe_object pg_identify_object pg_index_column_has_property pg_index_has_property \
    pg_indexam_has_property pg_my_temp_schema pg_is_other_temp_schema pg_postmaster_start_time \
    pg_conf_load_time pg_encoding_max_length pg_collation_actual_version \
    pg_database_collation_actual_version pg_stat_get_numscans pg_settings_get_flags \
    inet_server_addr inet_server_port inet_client_addr inet_client_port \
    pg_stat_get_live_tuples pg_stat_get_dead_tuples
    """
  /// Set-returning functions of the catalog.
  private static let catalogSets = """
    aclexplode pg_available_extension_versions pg_available_extensions pg_config pg_cursor \
    pg_extension_update_paths pg_get_catalog_foreign_keys pg_get_keywords \
    pg_get_publication_tables pg_listening_channels pg_lock_status pg_options_to_table \
    pg_partition_ancestors pg_partition_tree pg_prepared_statement pg_prepared_xact \
    pg_sequence_parameters pg_show_all_settings pg_tablespace_databases pg_timezone_abbrevs \
    pg_timezone_names
    """
  /// What needs the session, its transaction or waiting.
  private static let engineNames = """
    nextval currval lastval setval set_config pg_advisory_lock pg_advisory_lock_shared \
    pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared pg_advisory_xact_lock \
    pg_advisory_xact_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared \
    pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared pg_notify \
    pg_notification_queue_usage pg_sleep pg_sleep_for pg_sleep_until pg_cancel_backend \
    pg_terminate_backend pg_reload_conf pg_blocking_pids pg_current_xact_id \
    pg_current_xact_id_if_assigned txid_current txid_current_if_assigned txid_status \
    pg_export_snapshot pg_current_snapshot txid_current_snapshot pg_xact_commit_timestamp \
    current_query pg_prepared_statement pg_current_wal_lsn
    """

  /// Bodies that ask the catalog.
  static let dispatchedSources: Set<String> = Set(
    (catalogNames + " " + catalogSets).split(separator: " ").map { "fn \($0)" })

  static func addDispatched(_ table: inout BodyTable) {
    for name in catalogNames.split(separator: " ").map(String.init) {
      table.scalar("fn \(name)") { (arguments, context) throws(SQLError) in
        try catalog(context, name).call(name, arguments, &context)
      }
    }
    for name in catalogSets.split(separator: " ").map(String.init) {
      table.set("fn \(name)") { (arguments, context) throws(SQLError) in
        try catalog(context, name).rows(name, arguments, &context)
      }
    }
    for name in engineNames.split(separator: " ").map(String.init) {
      table.engine("fn \(name)", name: name)
    }
    table.unary("text_regclass") { (name, context) throws(SQLError) in
      try ObjectNames.value(of: name.bytes, .regclass, &context)
    }
    addSession(&table)
    addWindows(&table)
  }

  private static func catalog(_ context: EvaluationContext, _ name: String) throws(SQLError)
    -> any CatalogFunctions
  {
    guard let catalog = context.catalog else {
      throw SQLError(.featureNotSupported, "function \(name) needs the catalog")
    }
    return catalog
  }

  private static func addSession(_ table: inout BodyTable) {
    table.scalar("fn version") { (_, context) throws(SQLError) in .string(context.versionText) }
    table.scalar("fn current_database") { (_, context) throws(SQLError) in
      .string(context.currentDatabase)
    }
    table.scalar("fn current_user", "fn getpgusername") { (_, context) throws(SQLError) in
      .string(context.currentUser)
    }
    table.scalar("fn session_user") { (_, context) throws(SQLError) in
      .string(context.sessionUser)
    }
    table.scalar("fn current_schema") { (_, context) throws(SQLError) in
      context.searchPath.first { !$0.hasPrefix("pg_temp_") }.map { .string($0) } ?? .null
    }
    table.unary("fn current_schemas") { (includesImplicit, context) throws(SQLError) in
      var names = context.searchPath.filter { !$0.hasPrefix("pg_temp_") }
      if try includesImplicit.bool {
        if !names.contains("pg_catalog") { names.insert("pg_catalog", at: 0) }
        names.insert(contentsOf: context.searchPath.filter { !names.contains($0) }, at: 0)
      }
      return .array(ArrayValue(elementType: .name, elements: names.map { .string($0) }))
    }
    table.scalar("fn current_setting") { (arguments, context) throws(SQLError) in
      let name = try arguments[0].string
      if let value = context.setting(name) { return .string(value) }
      if arguments.count > 1, try arguments[1].bool { return .null }
      throw SQLError(
        .undefinedObject, "unrecognized configuration parameter \"\(name)\"")
    }
    table.scalar("fn pg_backend_pid") { (_, context) throws(SQLError) in
      .int(Int64(context.backendProcessID))
    }
    table.scalar("fn pg_is_in_recovery", "fn pg_jit_available", "fn pg_is_wal_replay_paused") {
      (_, _) throws(SQLError) in .bool(false)
    }
    table.scalar("fn pg_client_encoding") { (_, _) throws(SQLError) in .string("UTF8") }
    table.scalar("fn pg_trigger_depth") { (_, _) throws(SQLError) in .int(0) }
    table.unary("fn pg_encoding_to_char") { (number, _) throws(SQLError) in
      let names = [0: "SQL_ASCII", 6: "UTF8", 8: "LATIN1"]
      return .string(names[try number.count] ?? "")
    }
    table.unary("fn pg_char_to_encoding") { (name, _) throws(SQLError) in
      switch try name.string.uppercased().filter({ $0 != "-" && $0 != "_" }) {
      case "UTF8", "UNICODE": return .int(6)
      case "SQLASCII": return .int(0)
      case "LATIN1", "ISO88591": return .int(8)
      default: return .int(-1)
      }
    }
    table.typed("fn pg_typeof") { types in
      .unary { (_, _) throws(SQLError) in .int(Int64(types.arguments[0].oid.rawValue)) }
    }
    table.typed("fn pg_collation_for") { types in
      .unary { (_, _) throws(SQLError) in
        types.arguments[0].category == "S" ? .string("\"default\"") : .null
      }
    }
    table.typed("fn pg_column_size") { types in
      .unary { (value, _) throws(SQLError) in
        if value.isNull { return .null }
        if let length = types.arguments[0].info?.length, length > 0 { return .int(Int64(length)) }
        var output: [UInt8] = []
        TypeIO.encodeBinary(value, as: types.arguments[0], into: &output)
        return .int(Int64(output.count) + (output.count < 127 ? 1 : 4))
      }
    }
    table.unary("pg_size_pretty") { (size, _) throws(SQLError) in
      .string(prettySize(try size.int))
    }
  }

  /// As PostgreSQL: a unit is used until its count reaches ten times the next one's size.
  private static func prettySize(_ bytes: Int64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
    var size = bytes
    var unit = 0
    var isHalved = false
    // The count has one binary digit more than shown, for rounding, after the first step.
    while unit < units.count - 1 {
      let limit: UInt64 = isHalved ? 20 * 1024 - 1 : 10 * 1024
      if size.magnitude < limit { break }
      size = isHalved ? size / 1024 : size / 512
      isHalved = true
      unit += 1
    }
    if isHalved { size = (size + (size < 0 ? -1 : 1)) / 2 }
    return "\(size) \(units[unit])"
  }

  private static func addWindows(_ table: inout BodyTable) {
    for kind: WindowFunction in [
      .rowNumber, .rank, .denseRank, .percentRank, .cumeDist, .ntile, .lag, .lead, .firstValue,
      .lastValue, .nthValue,
    ] {
      table.window("fn \(kind.rawValue)", kind)
    }
  }
}
