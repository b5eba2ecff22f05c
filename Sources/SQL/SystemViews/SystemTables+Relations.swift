import Base
import Catalog
import SQL
import Syntax
import Types

/// pg_namespace, pg_class, pg_attribute, pg_attrdef, pg_index, pg_constraint, pg_sequence,
/// pg_description, pg_am, pg_tablespace, pg_database.
extension SystemTables {
  static func addRelations(_ all: inout [String: Generator]) {
    all["pg_catalog.pg_namespace"] = { source in
      source.schemas.map { schema in
        source.row([
          "oid": .oid(schema.id), "nspname": .string(schema.name), "nspowner": .oid(schema.owner),
          "nspacl": source.access(schema.grants, owner: schema.owner, kind: "n"),
        ])
      }
    }
    all["pg_catalog.pg_class"] = { $0.classes() }
    all["pg_catalog.pg_attribute"] = { $0.attributes() }
    all["pg_catalog.pg_attrdef"] = { source in
      source.tables.flatMap { table in
        source.columns(of: table).compactMap { column in
          guard let text = column.defaultExpression ?? column.generatedExpression else {
            return nil
          }
          return source.row([
            "oid": .oid(DerivedID.attributeDefault(table.id, column.id)),
            "adrelid": .oid(table.id), "adnum": .int(Int64(column.id.rawValue)),
            "adbin": .string(text),
          ])
        }
      }
    }
    all["pg_catalog.pg_index"] = { $0.indexRows() }
    all["pg_catalog.pg_constraint"] = { $0.constraints() }
    all["pg_catalog.pg_sequence"] = { source in
      source.sequences.map { sequence in
        source.row([
          "seqrelid": .oid(sequence.id), "seqtypid": .oid(sequence.type.oid),
          "seqstart": .int(sequence.start), "seqincrement": .int(sequence.increment),
          "seqmax": .int(sequence.maximum), "seqmin": .int(sequence.minimum),
          "seqcache": .int(sequence.cache), "seqcycle": .bool(sequence.cycles),
        ])
      }
    }
    all["pg_catalog.pg_description"] = { $0.descriptions() }
    all["pg_catalog.pg_am"] = { source in
      [(2, "heap", "t"), (403, "btree", "i"), (405, "hash", "i")].map { oid, name, kind in
        source.row(["oid": .int(Int64(oid)), "amname": .string(name), "amtype": .string(kind)])
      }
    }
    all["pg_catalog.pg_tablespace"] = { source in
      [(1663, "pg_default"), (1664, "pg_global")].map { oid, name in
        source.row([
          "oid": .int(Int64(oid)), "spcname": .string(name),
          "spcowner": .oid(CatalogSnapshot.bootstrapRole),
        ])
      }
    }
    all["pg_catalog.pg_database"] = { source in
      [("quatrain", CatalogSnapshot.database), ("postgres", ObjectID(rawValue: 4))].map {
        name, id in
        source.row([
          "oid": .oid(id), "datname": .string(name),
          "datdba": .oid(CatalogSnapshot.bootstrapRole), "encoding": .int(6),
          "datlocprovider": .string("c"), "datallowconn": .bool(true), "datconnlimit": .int(-1),
          "datfrozenxid": .int(1), "datminmxid": .int(1), "dattablespace": .int(1663),
          "datcollate": .string("C"), "datctype": .string("C"),
        ])
      }
    }
    all["pg_catalog.pg_depend"] = { source in
      source.sequences.compactMap { sequence in
        guard let table = sequence.ownedByTable, let column = sequence.ownedByColumn else {
          return nil
        }
        let isIdentity =
          source.catalog.table(table)?.column(column).identity != ColumnDescriptor.Identity.none
        return source.row([
          "classid": .int(1259), "objid": .oid(sequence.id), "refclassid": .int(1259),
          "refobjid": .oid(table), "refobjsubid": .int(Int64(column.rawValue)),
          "deptype": .string(isIdentity ? "i" : "a"),
        ])
      }
    }
  }
}

extension SystemSource {
  fileprivate func classes() -> [[Value]] {
    var rows: [[Value]] = []
    func add(
      _ id: ObjectID, _ name: String, _ schema: ObjectID, _ owner: ObjectID, kind: String,
      type: ObjectID = ObjectID(rawValue: 0), method: Int64 = 0, columns: Int, checks: Int = 0,
      hasIndex: Bool = false, hasTriggers: Bool = false, access: Value = .null,
      options: Value = .null
    ) {
      rows.append(
        row([
          "oid": .oid(id), "relname": .string(name), "relnamespace": .oid(schema),
          "reltype": .oid(type), "relowner": .oid(owner), "relam": .int(method),
          "relfilenode": kind == "v" ? .int(0) : .oid(id), "reltuples": .float(-1),
          "relhasindex": .bool(hasIndex),
          "relpersistence": .string(isTemporary(schema) ? "t" : "p"),
          "relkind": .string(kind), "relnatts": .int(Int64(columns)),
          "relchecks": .int(Int64(checks)), "relhastriggers": .bool(hasTriggers),
          "relhasrules": .bool(kind == "v"),
          "relispopulated": .bool(true), "relreplident": .string(kind == "r" ? "d" : "n"),
          "relfrozenxid": .int(kind == "r" ? 1 : 0), "relminmxid": .int(kind == "r" ? 1 : 0),
          "relacl": access, "reloptions": options,
        ]))
    }
    for item in SystemRelation.all {
      add(
        item.id, item.name, schemaID(item.schema), CatalogSnapshot.bootstrapRole,
        kind: String(item.kind), method: item.kind == "r" ? 2 : 0, columns: item.columns.count)
    }
    // PostgreSQL keeps foreign keys by triggers, and psql looks for keys only where there are some.
    let parents = Set(tables.flatMap { $0.foreignKeys.map(\.referencedTable) })
    for table in tables {
      let options = table.shownOptions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      add(
        table.id, table.name, table.schema, table.owner, kind: "r", type: table.rowType,
        method: 2, columns: columns(of: table).count, checks: table.checks.count,
        hasIndex: !indexes(of: table).isEmpty,
        hasTriggers: !table.foreignKeys.isEmpty || parents.contains(table.id),
        access: access(table.grants, owner: table.owner, kind: "r"),
        options: options.isEmpty ? .null : .texts(options))
      for index in indexes(of: table) {
        add(
          index.id, index.name, table.schema, table.owner, kind: "i", method: 403,
          columns: index.columns.count + index.included.count)
      }
    }
    for type in types {
      guard case .composite(let fields) = type.kind else { continue }
      add(
        DerivedID.compositeRelation(type.id), type.name, type.schema, type.owner, kind: "c",
        type: type.id, columns: fields.count)
    }
    for view in views {
      add(
        view.id, view.name, view.schema, view.owner, kind: "v", type: view.rowType,
        columns: view.columns.count, access: access(view.grants, owner: view.owner, kind: "r"))
    }
    for sequence in sequences {
      add(
        sequence.id, sequence.name, sequence.schema, sequence.owner, kind: "S", columns: 3,
        access: access(sequence.grants, owner: sequence.owner, kind: "S"))
    }
    return rows
  }

  private func attribute(
    _ relation: ObjectID, _ name: String, _ number: Int, _ type: SQLType,
    isNotNull: Bool = false, hasDefault: Bool = false, identity: String = "",
    generated: String = "", isDropped: Bool = false, access: Value = .null
  ) -> [Value] {
    let info = TypeInfo.lookup(type.oid)
    let array = info?.isArray ?? catalog.types.contains { $0.arrayID == type.oid }
    return row([
      "attrelid": .oid(relation), "attname": .string(name),
      "atttypid": isDropped ? .int(0) : .oid(type.oid), "attstattarget": .int(-1),
      "attlen": .int(Int64(info?.length ?? -1)), "attnum": .int(Int64(number)),
      "attndims": .int(array ? 1 : 0), "attcacheoff": .int(-1),
      "atttypmod": .int(Int64(type.modifier)), "attbyval": .bool(info?.isByValue ?? false),
      "attalign": .string(String(info?.alignment ?? "i")),
      "attstorage": .string(String(info?.storage ?? "x")), "attcompression": .string(""),
      "attnotnull": .bool(isNotNull), "atthasdef": .bool(hasDefault),
      "attidentity": .string(identity), "attgenerated": .string(generated),
      "attisdropped": .bool(isDropped), "attislocal": .bool(true),
      "attcollation": .int(collation(type)), "attacl": access,
    ])
  }

  private func collation(_ type: SQLType) -> Int64 {
    let element = type.elementType ?? type
    return element.oid == SQLType.name.oid ? 950 : element.info?.category == "S" ? 100 : 0
  }

  fileprivate func attributes() -> [[Value]] {
    var rows: [[Value]] = []
    for item in SystemRelation.all {
      for (place, column) in item.columns.enumerated() {
        rows.append(attribute(item.id, column.name, place + 1, column.type))
      }
    }
    for type in types {
      guard case .composite(let fields) = type.kind else { continue }
      for field in fields {
        rows.append(
          attribute(
            DerivedID.compositeRelation(type.id), field.name, Int(field.id.rawValue), field.type))
      }
    }
    for table in tables {
      for column in columns(of: table) {
        rows.append(
          attribute(
            table.id, column.name, Int(column.id.rawValue), column.type,
            isNotNull: column.isNotNull,
            hasDefault: column.defaultExpression != nil || column.generatedExpression != nil,
            identity: column.identity == .always ? "a" : column.identity == .byDefault ? "d" : "",
            generated: column.generatedExpression == nil ? "" : "s",
            isDropped: column.isDropped,
            access: columnAccess(table.grants, column.id, owner: table.owner)))
      }
      for index in indexes(of: table) {
        for (place, part) in index.columns.enumerated() {
          let column = part.column.map { table.column($0) }
          rows.append(
            attribute(
              index.id, column?.name ?? "expr\(place == 0 ? "" : String(place))", place + 1,
              column?.type ?? .text))
        }
        for (place, id) in index.included.enumerated() {
          rows.append(
            attribute(
              index.id, table.column(id).name, index.columns.count + place + 1,
              table.column(id).type))
        }
      }
    }
    for view in views {
      for column in view.columns {
        rows.append(
          attribute(
            view.id, column.name, Int(column.id.rawValue), column.type,
            access: columnAccess(view.grants, column.id, owner: view.owner)))
      }
    }
    for sequence in sequences {
      for (place, column) in [
        ("last_value", SQLType.int8), ("log_cnt", .int8), ("is_called", .bool),
      ]
      .enumerated() {
        rows.append(attribute(sequence.id, column.0, place + 1, column.1, isNotNull: true))
      }
    }
    return rows
  }

  fileprivate func indexRows() -> [[Value]] {
    tables.flatMap { table in
      indexes(of: table).map { index in
        let keys = index.columns.map { Int($0.column?.rawValue ?? 0) }
        let all = keys + index.included.map { Int($0.rawValue) }
        let types = index.columns.map { part in part.column.map { table.column($0).type } ?? .text }
        let expressions = index.columns.compactMap(\.expression)
        return row([
          "indexrelid": .oid(index.id), "indrelid": .oid(table.id),
          "indnatts": .int(Int64(all.count)), "indnkeyatts": .int(Int64(keys.count)),
          "indisunique": .bool(index.isUnique), "indisprimary": .bool(index.isPrimary),
          "indnullsnotdistinct": .bool(index.nullsNotDistinct),
          "indimmediate": .bool(!index.isDeferrable), "indisvalid": .bool(index.state == .public),
          "indisready": .bool(index.state != .deleteOnly), "indislive": .bool(true),
          "indkey": .vector(all, .int2),
          "indcollation": .vector(types.map { Int(collation($0)) }, .oid),
          "indclass": .vector(types.map { SystemTables.operatorClass($0) }, .oid),
          "indoption": .vector(
            index.columns.map { ($0.isDescending ? 1 : 0) | ($0.nullsFirst ? 2 : 0) }, .int2),
          "indexprs": expressions.isEmpty ? .null : .string(expressions.joined(separator: ", ")),
          "indpred": .optional(index.predicate),
        ])
      }
    }
  }

  fileprivate func constraints() -> [[Value]] {
    var rows: [[Value]] = []
    for table in tables {
      func add(
        _ id: ObjectID, _ name: String, _ kind: String, _ more: (inout [String: Value]) -> Void
      ) {
        var values: [String: Value] = [:]
        more(&values)
        var made = row([
          "oid": .oid(id), "conname": .string(name), "connamespace": .oid(table.schema),
          "contype": .string(kind), "convalidated": .bool(true), "conrelid": .oid(table.id),
          "confupdtype": .string(" "), "confdeltype": .string(" "), "confmatchtype": .string(" "),
          "conislocal": .bool(true), "connoinherit": .bool(true),
        ])
        for (place, column) in relation.columns.enumerated() {
          if let value = values[column.name] { made[place] = value }
        }
        rows.append(made)
      }
      for index in indexes(of: table) {
        guard let id = index.constraint else { continue }
        add(id, index.name, index.isPrimary ? "p" : "u") {
          $0["conindid"] = .oid(index.id)
          $0["condeferrable"] = .bool(index.isDeferrable)
          $0["conkey"] = .list(
            index.columns.compactMap { $0.column.map { Int($0.rawValue) } }, .int2)
        }
      }
      for check in table.checks {
        add(check.id, check.name, "c") {
          $0["conbin"] = .string(check.expression)
          $0["convalidated"] = .bool(check.isValidated)
          $0["connoinherit"] = .bool(false)
          let used = table.visibleColumns.filter {
            SystemTables.mentions(check.expression, $0.name)
          }
          $0["conkey"] = .list(used.map { Int($0.id.rawValue) }, .int2)
        }
      }
      for key in table.foreignKeys {
        add(key.id, key.name, "f") {
          let parent = catalog.table(key.referencedTable)
          let wanted = Set(key.referencedColumns)
          let index = parent?.indexes.first {
            $0.isUnique && Set($0.columns.compactMap(\.column)) == wanted
          }
          $0["confrelid"] = .oid(key.referencedTable)
          $0["conindid"] = .oid(index?.id ?? ObjectID(rawValue: 0))
          $0["conkey"] = .list(key.columns.map { Int($0.rawValue) }, .int2)
          $0["confkey"] = .list(key.referencedColumns.map { Int($0.rawValue) }, .int2)
          $0["confupdtype"] = .string(SystemTables.letter(key.onUpdate))
          $0["confdeltype"] = .string(SystemTables.letter(key.onDelete))
          $0["confmatchtype"] = .string(key.isMatchFull ? "f" : "s")
          $0["condeferrable"] = .bool(key.isDeferrable)
          $0["condeferred"] = .bool(key.isInitiallyDeferred)
          $0["convalidated"] = .bool(key.isValidated)
        }
      }
    }
    return rows
  }

  fileprivate func descriptions() -> [[Value]] {
    var rows: [[Value]] = []
    func add(_ id: ObjectID, _ text: String?, class kind: Int64, part: Int64 = 0) {
      guard let text else { return }
      rows.append(
        row([
          "objoid": .oid(id), "classoid": .int(kind), "objsubid": .int(part),
          "description": .string(text),
        ]))
    }
    for schema in schemas { add(schema.id, schema.comment, class: 2615) }
    for table in tables {
      add(table.id, table.comment, class: 1259)
      for column in table.visibleColumns {
        add(table.id, column.comment, class: 1259, part: Int64(column.id.rawValue))
      }
      for index in table.indexes { add(index.id, index.comment, class: 1259) }
    }
    for view in views {
      add(view.id, view.comment, class: 1259)
      for column in view.columns {
        add(view.id, column.comment, class: 1259, part: Int64(column.id.rawValue))
      }
    }
    for sequence in sequences { add(sequence.id, sequence.comment, class: 1259) }
    for type in types { add(type.id, type.comment, class: 1247) }
    return rows
  }

  /// An access list as `{grantee=letters/grantor,…}`; null where nothing was granted.
  func access(_ grants: [Catalog.Grant], owner: ObjectID, kind: Character) -> Value {
    let grants = grants.filter { $0.column == nil }
    if grants.isEmpty { return .null }
    let all =
      switch kind {
      case "n": "UC"
      case "S": "rwU"
      default: "arwdDxt"
      }
    return .texts(
      [accessItem(roleName(owner), all, "", owner)] + grants.map { accessItem($0, all, owner) })
  }

  /// The grants on one column; null where there are none.
  func columnAccess(_ grants: [Catalog.Grant], _ column: ColumnID, owner: ObjectID) -> Value {
    let items = grants.filter { $0.column == column }.map { accessItem($0, "arwx", owner) }
    return items.isEmpty ? .null : .texts(items)
  }

  private func accessItem(_ grant: Catalog.Grant, _ all: String, _ owner: ObjectID) -> String {
    accessItem(
      grant.grantee.rawValue == 0 ? "" : roleName(grant.grantee),
      all.filter { grant.privileges.contains($0) }, grant.withGrantOption, owner)
  }

  private func accessItem(
    _ name: String, _ letters: String, _ options: String, _ owner: ObjectID
  ) -> String {
    let shown = letters.map { options.contains($0) ? "\($0)*" : String($0) }.joined()
    return "\(name)=\(shown)/\(roleName(owner))"
  }
}

extension CatalogSnapshot {
  var types: [TypeDescriptor] {
    sortedObjects.compactMap { if case .type(let item) = $0 { item } else { nil } }
  }
}

extension SystemTables {
  static func letter(_ action: ForeignKey.Action) -> String {
    switch action {
    case .noAction: "a"
    case .restrict: "r"
    case .cascade: "c"
    case .setNull: "n"
    case .setDefault: "d"
    }
  }

  static func mentions(_ text: String, _ column: String) -> Bool {
    SyntaxPrinter.columns(in: text).contains(column)
  }

  /// pg_opclass's default btree classes, by type.
  static func operatorClass(_ type: SQLType) -> Int {
    switch type.oid {
    case SQLType.int2.oid: 1979
    case SQLType.int4.oid: 1978
    case SQLType.int8.oid: 3124
    case SQLType.oid.oid: 1981
    case SQLType.bool.oid: 424
    case SQLType.numeric.oid: 3125
    case SQLType.date.oid: 3122
    case SQLType.timestamp.oid: 3128
    case SQLType.timestamptz.oid: 3127
    case SQLType.uuid.oid: 2968
    case SQLType.bpchar.oid: 426
    case SQLType.float8.oid: 3123
    case SQLType.bytea.oid: 428
    default: 3126
    }
  }
}
