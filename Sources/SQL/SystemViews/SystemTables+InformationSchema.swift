import Base
import Catalog
import SQL
import Types

/// information_schema, as SQL's standard and PostgreSQL have it.
extension SystemTables {
  static func addInformationSchema(_ all: inout [String: Generator]) {
    func view(_ name: String, _ body: @escaping Generator) {
      all["information_schema.\(name)"] = body
    }
    view("information_schema_catalog_name") { source in
      [source.row(["catalog_name": source.databaseName])]
    }
    view("schemata") { source in
      source.schemas.map { schema in
        source.row([
          "catalog_name": source.databaseName, "schema_name": .string(schema.name),
          "schema_owner": .string(source.roleName(schema.owner)),
        ])
      }
    }
    view("tables") { source in
      source.readable.map { item in
        source.row([
          "table_catalog": source.databaseName, "table_schema": .string(item.schema),
          "table_name": .string(item.name),
          "table_type": .string(
            item.schema.hasPrefix("pg_temp_")
              ? "LOCAL TEMPORARY" : item.isView ? "VIEW" : "BASE TABLE"),
          "is_insertable_into": .string(item.isView ? "NO" : "YES"), "is_typed": .string("NO"),
        ])
      }
    }
    view("views") { source in
      source.views.map { view in
        source.row([
          "table_catalog": source.databaseName,
          "table_schema": .string(source.schemaName(view.schema)),
          "table_name": .string(view.name), "view_definition": .string(" " + view.query + ";"),
          "check_option": .string("NONE"), "is_updatable": .string("NO"),
          "is_insertable_into": .string("NO"), "is_trigger_updatable": .string("NO"),
          "is_trigger_deletable": .string("NO"), "is_trigger_insertable_into": .string("NO"),
        ])
      }
    }
    view("columns") { $0.informationColumns() }
    view("table_constraints") { $0.tableConstraints() }
    view("key_column_usage") { $0.keyColumns() }
    view("constraint_column_usage") { $0.constraintColumns() }
    view("referential_constraints") { $0.referentialConstraints() }
    view("check_constraints") { source in
      source.tables.flatMap { table in
        let schema = Value.string(source.schemaName(table.schema))
        let checks = table.checks.map { check in
          source.row([
            "constraint_catalog": source.databaseName, "constraint_schema": schema,
            "constraint_name": .string(check.name),
            "check_clause": .string("(\(check.expression))"),
          ])
        }
        let present = table.visibleColumns.filter(\.isNotNull).map { column in
          source.row([
            "constraint_catalog": source.databaseName, "constraint_schema": schema,
            "constraint_name": .string("\(table.schema)_\(table.id)_\(column.id)_not_null"),
            "check_clause": .string("\(column.name) IS NOT NULL"),
          ])
        }
        return checks + present
      }
    }
    view("sequences") { source in
      source.sequences.map { sequence in
        source.row([
          "sequence_catalog": source.databaseName,
          "sequence_schema": .string(source.schemaName(sequence.schema)),
          "sequence_name": .string(sequence.name),
          "data_type": .string(formatType(sequence.type)),
          "numeric_precision": .int(sequence.type.oid == SQLType.int4.oid ? 32 : 64),
          "numeric_precision_radix": .int(2), "numeric_scale": .int(0),
          "start_value": .string(String(sequence.start)),
          "minimum_value": .string(String(sequence.minimum)),
          "maximum_value": .string(String(sequence.maximum)),
          "increment": .string(String(sequence.increment)),
          "cycle_option": .string(sequence.cycles ? "YES" : "NO"),
        ])
      }
    }
    view("enabled_roles") { source in
      source.roles.filter { Privileges.isMember(source.role, of: $0.id, source.catalog) }.map {
        source.row(["role_name": .string($0.name)])
      }
    }
    for name in ["table_privileges", "role_table_grants"] {
      view(name) { $0.tablePrivileges() }
    }
    for name in ["column_privileges", "role_column_grants"] {
      view(name) { $0.columnPrivileges() }
    }
    view("character_sets") { source in
      [
        source.row([
          "character_set_name": .string("UTF8"), "character_repertoire": .string("UCS"),
          "form_of_use": .string("UTF8"), "default_collate_catalog": source.databaseName,
          "default_collate_schema": .string("pg_catalog"), "default_collate_name": .string("C"),
        ])
      ]
    }
  }
}

extension SystemSource {
  fileprivate var databaseName: Value { .string(session.database) }

  /// Tables and views of users and of the system.
  fileprivate var readable: [(schema: String, name: String, isView: Bool)] {
    SystemRelation.all.map { ($0.schema, $0.name, $0.kind == "v") }
      + tables.filter { isReachable($0.schema) }.map { (schemaName($0.schema), $0.name, false) }
      + views.filter { isReachable($0.schema) }.map { (schemaName($0.schema), $0.name, true) }
  }

  private func number(_ type: SQLType) -> (precision: Value, radix: Value, scale: Value) {
    switch type.oid {
    case SQLType.int2.oid: (.int(16), .int(2), .int(0))
    case SQLType.int4.oid: (.int(32), .int(2), .int(0))
    case SQLType.int8.oid: (.int(64), .int(2), .int(0))
    case SQLType.float4.oid: (.int(24), .int(2), .null)
    case SQLType.float8.oid: (.int(53), .int(2), .null)
    case SQLType.numeric.oid:
      type.modifier < 4
        ? (.null, .int(10), .null)
        : (
          .int(Int64((type.modifier - 4) >> 16) & 0xFFFF), .int(10),
          .int(Int64(type.modifier - 4) & 0x7FF)
        )
    default: (.null, .null, .null)
    }
  }

  private func typeWords(_ type: SQLType) -> (data: String, schema: String, name: String) {
    if let info = type.info {
      return (info.isArray ? "ARRAY" : formatType(type.withoutModifier), "pg_catalog", info.name)
    }
    for user in types where user.id == type.oid || user.arrayID == type.oid {
      return (
        user.id == type.oid ? "USER-DEFINED" : "ARRAY", schemaName(user.schema),
        (user.id == type.oid ? "" : "_") + user.name
      )
    }
    return ("USER-DEFINED", "pg_catalog", "unknown")
  }

  fileprivate func informationColumns() -> [[Value]] {
    var rows: [[Value]] = []
    func add(_ schema: String, _ table: String, _ place: Int, _ column: ColumnDescriptor) {
      let words = typeWords(column.type)
      let (precision, radix, scale) = number(column.type)
      let isText = [SQLType.varchar.oid, SQLType.bpchar.oid].contains(column.type.oid)
      let length: Value =
        isText && column.type.modifier >= 4 ? .int(Int64(column.type.modifier) - 4) : .null
      let isTime = [
        SQLType.timestamp.oid, SQLType.timestamptz.oid, SQLType.time.oid, SQLType.timetz.oid,
      ].contains(column.type.oid)
      let sequence =
        column.identity == .none ? nil : column.ownedSequence.flatMap { catalog.sequence($0) }
      rows.append(
        row([
          "table_catalog": databaseName, "table_schema": .string(schema),
          "table_name": .string(table), "column_name": .string(column.name),
          "ordinal_position": .int(Int64(place)),
          "column_default": .optional(column.defaultExpression),
          "is_nullable": .string(column.isNotNull ? "NO" : "YES"),
          "data_type": .string(words.data), "character_maximum_length": length,
          "character_octet_length": isText || column.type.oid == SQLType.text.oid
            ? .int(1_073_741_824) : .null,
          "numeric_precision": precision, "numeric_precision_radix": radix,
          "numeric_scale": scale,
          "datetime_precision": column.type.oid == SQLType.date.oid
            ? .int(0)
            : isTime ? .int(column.type.modifier < 0 ? 6 : Int64(column.type.modifier)) : .null,
          "udt_catalog": databaseName, "udt_schema": .string(words.schema),
          "udt_name": .string(words.name), "dtd_identifier": .string(String(place)),
          "is_self_referencing": .string("NO"),
          "is_identity": .string(column.identity == .none ? "NO" : "YES"),
          "identity_generation": column.identity == .none
            ? .null : .string(column.identity == .always ? "ALWAYS" : "BY DEFAULT"),
          "identity_start": sequence.map { .string(String($0.start)) } ?? .null,
          "identity_increment": sequence.map { .string(String($0.increment)) } ?? .null,
          "identity_maximum": sequence.map { .string(String($0.maximum)) } ?? .null,
          "identity_minimum": sequence.map { .string(String($0.minimum)) } ?? .null,
          "identity_cycle": .string(sequence?.cycles ?? false ? "YES" : "NO"),
          "is_generated": .string(column.generatedExpression == nil ? "NEVER" : "ALWAYS"),
          "generation_expression": .optional(column.generatedExpression),
          "is_updatable": .string("YES"),
        ]))
    }
    for item in SystemRelation.all {
      for (place, column) in item.columns.enumerated() {
        add(
          item.schema, item.name, place + 1,
          ColumnDescriptor(
            id: ColumnID(rawValue: Int16(place + 1)), name: column.name, type: column.type))
      }
    }
    for table in tables {
      for column in table.visibleColumns {
        add(schemaName(table.schema), table.name, Int(column.id.rawValue), column)
      }
    }
    for view in views {
      for column in view.columns {
        add(schemaName(view.schema), view.name, Int(column.id.rawValue), column)
      }
    }
    return rows
  }

  fileprivate func tableConstraints() -> [[Value]] {
    tables.flatMap { table in
      func make(_ name: String, _ kind: String, _ isDeferrable: Bool, _ isDeferred: Bool) -> [Value]
      {
        row([
          "constraint_catalog": databaseName,
          "constraint_schema": .string(schemaName(table.schema)),
          "constraint_name": .string(name), "table_catalog": databaseName,
          "table_schema": .string(schemaName(table.schema)), "table_name": .string(table.name),
          "constraint_type": .string(kind), "is_deferrable": .string(isDeferrable ? "YES" : "NO"),
          "initially_deferred": .string(isDeferred ? "YES" : "NO"), "enforced": .string("YES"),
        ])
      }
      return indexes(of: table).filter { $0.constraint != nil }.map {
        make($0.name, $0.isPrimary ? "PRIMARY KEY" : "UNIQUE", $0.isDeferrable, false)
      }
        + table.foreignKeys.map {
          make($0.name, "FOREIGN KEY", $0.isDeferrable, $0.isInitiallyDeferred)
        } + table.checks.map { make($0.name, "CHECK", false, false) }
    }
  }

  fileprivate func keyColumns() -> [[Value]] {
    var rows: [[Value]] = []
    for table in tables {
      func add(_ name: String, _ columns: [ColumnID], _ parent: [Int]?) {
        for (place, id) in columns.enumerated() {
          rows.append(
            row([
              "constraint_catalog": databaseName,
              "constraint_schema": .string(schemaName(table.schema)),
              "constraint_name": .string(name), "table_catalog": databaseName,
              "table_schema": .string(schemaName(table.schema)),
              "table_name": .string(table.name), "column_name": .string(table.column(id).name),
              "ordinal_position": .int(Int64(place + 1)),
              "position_in_unique_constraint": parent.map { .int(Int64($0[place])) } ?? .null,
            ]))
        }
      }
      for index in indexes(of: table) where index.constraint != nil {
        add(index.name, index.columns.compactMap(\.column), nil)
      }
      for key in table.foreignKeys {
        let unique = uniqueIndex(key)?.columns.compactMap(\.column) ?? []
        add(
          key.name, key.columns,
          key.referencedColumns.map { (unique.firstIndex(of: $0) ?? 0) + 1 })
      }
    }
    return rows
  }

  private func uniqueIndex(_ key: ForeignKey) -> IndexDescriptor? {
    catalog.table(key.referencedTable)?.indexes.first {
      $0.isUnique && Set($0.columns.compactMap(\.column)) == Set(key.referencedColumns)
    }
  }

  fileprivate func constraintColumns() -> [[Value]] {
    var rows: [[Value]] = []
    for table in tables {
      func add(_ name: String, _ owner: TableDescriptor, _ columns: [ColumnID]) {
        for id in columns {
          rows.append(
            row([
              "table_catalog": databaseName, "table_schema": .string(schemaName(owner.schema)),
              "table_name": .string(owner.name), "column_name": .string(owner.column(id).name),
              "constraint_catalog": databaseName,
              "constraint_schema": .string(schemaName(table.schema)),
              "constraint_name": .string(name),
            ]))
        }
      }
      for index in indexes(of: table) where index.constraint != nil {
        add(index.name, table, index.columns.compactMap(\.column))
      }
      for key in table.foreignKeys {
        guard let parent = catalog.table(key.referencedTable) else { continue }
        add(key.name, parent, key.referencedColumns)
      }
      for check in table.checks {
        add(
          check.name, table,
          table.visibleColumns.filter { SystemTables.mentions(check.expression, $0.name) }.map(\.id)
        )
      }
    }
    return rows
  }

  fileprivate func referentialConstraints() -> [[Value]] {
    func words(_ action: ForeignKey.Action) -> String {
      switch action {
      case .noAction: "NO ACTION"
      case .restrict: "RESTRICT"
      case .cascade: "CASCADE"
      case .setNull: "SET NULL"
      case .setDefault: "SET DEFAULT"
      }
    }
    return tables.flatMap { table in
      table.foreignKeys.map { key in
        let parent = catalog.table(key.referencedTable)
        return row([
          "constraint_catalog": databaseName,
          "constraint_schema": .string(schemaName(table.schema)),
          "constraint_name": .string(key.name), "unique_constraint_catalog": databaseName,
          "unique_constraint_schema": .optional(parent.map { schemaName($0.schema) }),
          "unique_constraint_name": .optional(uniqueIndex(key)?.name),
          "match_option": .string(key.isMatchFull ? "FULL" : "NONE"),
          "update_rule": .string(words(key.onUpdate)), "delete_rule": .string(words(key.onDelete)),
        ])
      }
    }
  }

  fileprivate func tablePrivileges() -> [[Value]] {
    let words: [(Character, String)] = [
      ("a", "INSERT"), ("r", "SELECT"), ("w", "UPDATE"), ("d", "DELETE"), ("D", "TRUNCATE"),
      ("x", "REFERENCES"), ("t", "TRIGGER"),
    ]
    func rows(
      _ name: String, _ schema: ObjectID, _ owner: ObjectID, _ grants: [Catalog.Grant]
    ) -> [[Value]] {
      let whole = Catalog.Grant(
        grantee: owner, grantor: owner, privileges: "arwdDxt", withGrantOption: "arwdDxt")
      return ([whole] + grants.filter { $0.column == nil }).flatMap { grant in
        words.filter { grant.privileges.contains($0.0) }.map { letter, word in
          row([
            "grantor": .string(roleName(owner)),
            "grantee": .string(grant.grantee.rawValue == 0 ? "PUBLIC" : roleName(grant.grantee)),
            "table_catalog": databaseName, "table_schema": .string(schemaName(schema)),
            "table_name": .string(name), "privilege_type": .string(word),
            "is_grantable": .string(grant.withGrantOption.contains(letter) ? "YES" : "NO"),
            "with_hierarchy": .string(word == "SELECT" ? "YES" : "NO"),
          ])
        }
      }
    }
    return tables.flatMap { rows($0.name, $0.schema, $0.owner, $0.grants) }
      + views.flatMap { rows($0.name, $0.schema, $0.owner, $0.grants) }
  }

  /// Rights on columns, those by grants on the whole relation included.
  fileprivate func columnPrivileges() -> [[Value]] {
    let words: [(Character, String)] = [
      ("a", "INSERT"), ("r", "SELECT"), ("w", "UPDATE"), ("x", "REFERENCES"),
    ]
    func rows(
      _ name: String, _ schema: ObjectID, _ owner: ObjectID, _ grants: [Catalog.Grant],
      _ columns: [ColumnDescriptor]
    ) -> [[Value]] {
      let whole = Catalog.Grant(
        grantee: owner, grantor: owner, privileges: "arwx", withGrantOption: "arwx")
      return columns.flatMap { column -> [[Value]] in
        var seen: Set<String> = []
        let all = [whole] + grants.filter { $0.column == nil || $0.column == column.id }
        return all.flatMap { grant in
          words.filter { grant.privileges.contains($0.0) }.compactMap { letter, word in
            let grantee = grant.grantee.rawValue == 0 ? "PUBLIC" : roleName(grant.grantee)
            guard seen.insert("\(grantee) \(word)").inserted else { return nil }
            return row([
              "grantor": .string(roleName(owner)), "grantee": .string(grantee),
              "table_catalog": databaseName, "table_schema": .string(schemaName(schema)),
              "table_name": .string(name), "column_name": .string(column.name),
              "privilege_type": .string(word),
              "is_grantable": .string(grant.withGrantOption.contains(letter) ? "YES" : "NO"),
            ])
          }
        }
      }
    }
    return tables.flatMap { rows($0.name, $0.schema, $0.owner, $0.grants, $0.visibleColumns) }
      + views.flatMap { rows($0.name, $0.schema, $0.owner, $0.grants, $0.columns) }
  }
}
