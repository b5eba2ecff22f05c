import Base
import Catalog
import Types

/// pg_type, pg_enum, pg_collation, pg_opclass, pg_opfamily.
extension SystemTables {
  static func addTypes(_ all: inout [String: Generator]) {
    all["pg_catalog.pg_type"] = { $0.typeRows() }
    all["pg_catalog.pg_enum"] = { source in
      source.types.flatMap { type -> [[Value]] in
        guard case .enumeration(let labels) = type.kind else { return [] }
        return labels.enumerated().map { place, label in
          source.row([
            "oid": .oid(DerivedID.enumLabel(type.id, place)), "enumtypid": .oid(type.id),
            "enumsortorder": .float(Double(place + 1)), "enumlabel": .string(label),
          ])
        }
      }
    }
    all["pg_catalog.pg_collation"] = { source in
      let all: [(oid: Int, name: String, provider: String, encoding: Int)] = [
        (100, "default", "d", -1), (950, "C", "c", -1), (951, "POSIX", "c", -1),
        (12_340, "ucs_basic", "c", 6),
      ]
      return all.map { oid, name, provider, encoding in
        source.row([
          "oid": .int(Int64(oid)), "collname": .string(name), "collnamespace": .int(11),
          "collowner": .int(10), "collprovider": .string(provider),
          "collisdeterministic": .bool(true), "collencoding": .int(Int64(encoding)),
          "collcollate": provider == "d" ? .null : .string("C"),
          "collctype": provider == "d" ? .null : .string("C"),
        ])
      }
    }
    all["pg_catalog.pg_opclass"] = { source in
      let classes: [(SQLType, String, Int)] = [
        (.int2, "int2_ops", 1976), (.int4, "int4_ops", 1976), (.int8, "int8_ops", 1976),
        (.oid, "oid_ops", 1989), (.bool, "bool_ops", 424), (.numeric, "numeric_ops", 1988),
        (.date, "date_ops", 434), (.timestamp, "timestamp_ops", 434),
        (.timestamptz, "timestamptz_ops", 434), (.uuid, "uuid_ops", 2968),
        (.bpchar, "bpchar_ops", 426), (.float8, "float8_ops", 1970), (.bytea, "bytea_ops", 428),
        (.text, "text_ops", 1994),
      ]
      return classes.map { type, name, family in
        source.row([
          "oid": .int(Int64(operatorClass(type))), "opcmethod": .int(403),
          "opcname": .string(name), "opcnamespace": .int(11), "opcowner": .int(10),
          "opcfamily": .int(Int64(family)), "opcintype": .oid(type.oid), "opcdefault": .bool(true),
        ])
      }
    }
  }
}

extension SystemSource {
  private func type(
    _ id: ObjectID, _ name: String, _ schema: ObjectID, _ owner: ObjectID, kind: String,
    _ info: TypeInfo?, category: Character, element: ObjectID, array: ObjectID,
    relation: ObjectID = ObjectID(rawValue: 0), base: SQLType? = nil, isNotNull: Bool = false,
    defaultText: String? = nil
  ) -> [Value] {
    row([
      "oid": .oid(id), "typname": .string(name), "typnamespace": .oid(schema),
      "typowner": .oid(owner), "typlen": .int(Int64(info?.length ?? -1)),
      "typbyval": .bool(info?.isByValue ?? false), "typtype": .string(kind),
      "typcategory": .string(String(category)), "typispreferred": .bool(info?.isPreferred ?? false),
      "typisdefined": .bool(true), "typdelim": .string(String(info?.delimiter ?? ",")),
      "typrelid": .oid(relation), "typelem": .oid(element), "typarray": .oid(array),
      "typinput": procedure(info?.inputFunction), "typoutput": procedure(info?.outputFunction),
      "typreceive": procedure(info?.receiveFunction), "typsend": procedure(info?.sendFunction),
      "typalign": .string(String(info?.alignment ?? "i")),
      "typstorage": .string(String(info?.storage ?? "x")), "typnotnull": .bool(isNotNull),
      "typbasetype": base.map { .oid($0.oid) } ?? .int(0),
      "typtypmod": .int(Int64(base?.modifier ?? -1)),
      "typcollation": .int(
        Self.isText(info) ? (name == "name" || name == "_name" ? 950 : 100) : 0),
      "typdefault": .optional(defaultText),
    ])
  }

  /// Texts and arrays of them have a collation.
  private static func isText(_ info: TypeInfo?) -> Bool {
    guard let info else { return false }
    return info.category == "S" || TypeInfo.lookup(info.elementOid)?.category == "S" && info.isArray
  }

  /// Input and output functions are no functions of SQL here, so they have names without rows.
  private func procedure(_ name: String?) -> Value {
    guard let name, name != "-" else { return .int(0) }
    return .int(Int64(SystemProcedures.id(name)))
  }

  fileprivate func typeRows() -> [[Value]] {
    let system = CatalogSnapshot.pgCatalogSchema
    let zero = ObjectID(rawValue: 0)
    var rows = TypeInfo.all.map { info in
      type(
        info.oid, info.name, system, CatalogSnapshot.bootstrapRole, kind: String(info.kind), info,
        category: info.category, element: info.elementOid, array: info.arrayOid)
    }
    let arrayInfo = TypeInfo.lookup(name: "_text")
    for item in types {
      switch item.kind {
      case .enumeration:
        rows.append(
          type(
            item.id, item.name, item.schema, item.owner, kind: "e", enumInfo, category: "E",
            element: zero, array: item.arrayID))
      case .domain(let base, let isNotNull, let text, _):
        let info = TypeInfo.lookup(base.oid)
        rows.append(
          type(
            item.id, item.name, item.schema, item.owner, kind: "d", info,
            category: info?.category ?? "U", element: zero, array: item.arrayID, base: base,
            isNotNull: isNotNull, defaultText: text))
      case .composite:
        rows.append(
          type(
            item.id, item.name, item.schema, item.owner, kind: "c", recordInfo, category: "C",
            element: zero, array: item.arrayID,
            relation: DerivedID.compositeRelation(item.id)))
      }
      rows.append(
        type(
          item.arrayID, "_" + item.name, item.schema, item.owner, kind: "b", arrayInfo,
          category: "A", element: item.id, array: zero))
    }
    for table in tables {
      rows.append(
        type(
          table.rowType, table.name, table.schema, table.owner, kind: "c", recordInfo,
          category: "C", element: zero, array: zero, relation: table.id))
    }
    for view in views {
      rows.append(
        type(
          view.rowType, view.name, view.schema, view.owner, kind: "c", recordInfo,
          category: "C", element: zero, array: zero, relation: view.id))
    }
    return rows
  }

  private var enumInfo: TypeInfo? {
    guard var info = TypeInfo.lookup(name: "int4") else { return nil }
    info.inputFunction = "enum_in"
    info.outputFunction = "enum_out"
    info.receiveFunction = "enum_recv"
    info.sendFunction = "enum_send"
    info.isPreferred = false
    return info
  }

  private var recordInfo: TypeInfo? {
    guard var info = TypeInfo.lookup(name: "text") else { return nil }
    info.inputFunction = "record_in"
    info.outputFunction = "record_out"
    info.receiveFunction = "record_recv"
    info.sendFunction = "record_send"
    info.alignment = "d"
    info.isPreferred = false
    return info
  }
}
