import Base
import Types

/// Reads the rows of the tables that list PostgreSQL's functions, operators and casts.
///
/// A function's row: oid, name, argument types, result type, letters (kind, volatility, `s` strict,
/// `r` returns a set, `v` variadic), source, defaults, columns; fields end with `|`, lists are
/// separated by blanks. The numbers and types are those of PostgreSQL 15's catalog, because clients
/// ask for them.
enum FunctionTable {
  static func functions(_ texts: [String]) -> [FunctionSignature] {
    var result: [FunctionSignature] = []
    for text in texts {
      for line in text.split(separator: "\n") {
        let fields = line.split(separator: "|", omittingEmptySubsequences: false)
        invariant(fields.count == 8, "function table: \(line)")
        guard let oid = UInt32(fields[0]) else { continue }
        let letters = Array(fields[4])
        let arguments = types(fields[2])
        let defaultTexts = fields[6].split(separator: " ")
        var defaults: [Value] = []
        for (index, text) in defaultTexts.enumerated() {
          let type = arguments[arguments.count - defaultTexts.count + index]
          defaults.append((try? TypeIO.parseText(String(text), as: type)) ?? .null)
        }
        let columns = fields[7].split(separator: " ").map { column in
          let parts = column.split(separator: ":")
          return FunctionColumn(String(parts[0]), type(parts[1]))
        }
        result.append(
          FunctionSignature(
            oid: ObjectID(rawValue: oid), name: String(fields[1]), argumentTypes: arguments,
            isVariadic: letters.contains("v") && letters.dropFirst(2).contains("v"),
            argumentNames: argumentNames[oid] ?? [],
            defaults: defaults, result: type(fields[3]), columns: columns,
            returnsSet: letters.dropFirst(2).contains("r"),
            isStrict: letters.dropFirst(2).contains("s"),
            volatility: .init(rawValue: letters[1]) ?? .volatile,
            kind: .init(rawValue: letters[0]) ?? .function, source: String(fields[5])))
      }
    }
    return result
  }

  /// An operator's row: oid, name, left type or empty, right type, result, function, commutator and
  /// negator or 0.
  static func operators(_ texts: [String], strict: (ObjectID) -> Bool) -> [OperatorSignature] {
    var result: [OperatorSignature] = []
    for text in texts {
      for line in text.split(separator: "\n") {
        // The name may be `||`, so fields are separated by tabs here.
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        invariant(fields.count == 8, "operator table: \(line)")
        let function = oid(fields[5])
        result.append(
          OperatorSignature(
            oid: oid(fields[0]), name: String(fields[1]),
            left: fields[2].isEmpty ? nil : type(fields[2]), right: type(fields[3]),
            result: type(fields[4]), function: function,
            commutator: fields[6] == "0" ? nil : oid(fields[6]),
            negator: fields[7] == "0" ? nil : oid(fields[7]), isStrict: strict(function)))
      }
    }
    return result
  }

  /// A cast's row: oid, source, target, context, function or `b` or `i`.
  static func casts(_ text: String) -> [CastSignature] {
    text.split(separator: "\n").map { line in
      let fields = line.split(separator: "|")
      invariant(fields.count == 5, "cast table: \(line)")
      let method: CastSignature.Method =
        switch fields[4] {
        case "b": .binaryCoercible
        case "i": .inputOutput
        default: .function(oid(fields[4]))
        }
      return CastSignature(
        oid: oid(fields[0]), source: type(fields[1]), target: type(fields[2]),
        context: CastContext(rawValue: fields[3].first ?? "e") ?? .explicit, method: method)
    }
  }

  private static func oid(_ text: Substring) -> ObjectID {
    ObjectID(rawValue: UInt32(text) ?? 0)
  }

  private static func types(_ text: Substring) -> [SQLType] {
    text.split(separator: " ").map { type($0) }
  }

  private static func type(_ name: Substring) -> SQLType {
    guard let info = TypeInfo.lookup(name: String(name)) else {
      fatalError("function table: type \(name)")
    }
    return SQLType(info.oid)
  }
}
