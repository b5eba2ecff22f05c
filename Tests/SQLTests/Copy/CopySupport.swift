import Syntax
import Types

@testable import SQL

/// A COPY FROM with the table's rows behind it, or its error.
struct CopyCase: Sendable, CustomStringConvertible {
  let sql: String
  let data: String
  var rows: String?
  var fails: String?
  var context: String?
  var hint: String?

  init(_ sql: String, _ data: String, rows: String) {
    self.sql = sql
    self.data = data
    self.rows = rows
  }

  init(_ sql: String, _ data: String, fails: String, context: String? = nil, hint: String? = nil) {
    self.sql = sql
    self.data = data
    self.fails = fails
    self.context = context
    self.hint = hint
  }

  var description: String { "\(sql): \(data.debugDescription)" }
}

struct CopyOptionCase: Sendable, CustomStringConvertible {
  let sql: String
  var fails: String?
  var position: Int?

  init(_ sql: String) { self.sql = sql }
  init(_ sql: String, fails: String, position: Int? = nil) {
    self.sql = sql
    self.fails = fails
    self.position = position
  }

  var description: String { sql }
}

/// One byte for each character.
func latin1(_ text: String) -> [UInt8] {
  text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}
func latin1(_ bytes: [UInt8]) -> String {
  var text = String.UnicodeScalarView()
  for byte in bytes { text.append(Unicode.Scalar(byte)) }
  return String(text)
}

func copyStatement(_ sql: String) throws -> CopyStatement {
  let statements = try Parser.parse(Array(sql.utf8))
  guard case .copy(let copy)? = statements.first?.body else {
    throw SQLError(.syntaxError, "not a COPY: \(sql)")
  }
  return copy
}

func copyOptions(_ options: String, isFrom: Bool = true) throws -> CopyOptions {
  let list = options.isEmpty ? "" : " (\(options))"
  let copy = try copyStatement(isFrom ? "copy t from stdin\(list)" : "copy t to stdout\(list)")
  return try CopyOptions(copy.options, isFrom: isFrom)
}

/// The tables that the cases copy into.
func copyColumns(_ table: String) -> [CopyReader.Column] {
  func column(_ name: String, _ type: SQLType, _ modifier: Int32 = -1) -> CopyReader.Column {
    CopyReader.Column(name: name, type: SQLType(type.oid, modifier: modifier))
  }
  switch table {
  case "t": return [column("a", .int4), column("b", .text)]
  case "one": return [column("a", .text)]
  case "three": return ["a", "b", "c"].map { column($0, .text) }
  case "typed":
    return [
      column("a", .int2), column("b", .varchar, 3 + 4), column("c", .bpchar, 4 + 4),
      column("d", .numeric, (6 << 16 | 2) + 4), column("e", .bool), column("f", .bytea),
    ]
  default: return []
  }
}

/// What came of a COPY: the table as text, or the error.
struct CopyOutcome: Equatable {
  var rows: String?
  var fails: String?
  var context: String?
  var hint: String?
}

func copyIn(
  _ options: CopyOptions, _ columns: [CopyReader.Column], table: String, pieces: [[UInt8]]
) throws(SQLError) -> [[Value]] {
  var reader = CopyReader(options, columns, table: table, settings: FormatSettings())
  var rows: [[Value]] = []
  for piece in pieces {
    reader.append(piece)
    rows += try reader.rows(isLast: false)
  }
  return rows + (try reader.rows(isLast: true))
}

func copyOut(
  _ options: CopyOptions, _ columns: [CopyReader.Column], _ rows: [[Value]]
) -> [UInt8] {
  let writer = CopyWriter(options, columns, settings: FormatSettings())
  var bytes = writer.start
  for row in rows { writer.append(row, to: &bytes) }
  return bytes + writer.end
}

func outcome(_ item: CopyCase, pieces: [[UInt8]]) throws -> CopyOutcome {
  let copy = try copyStatement(item.sql)
  let options = try CopyOptions(copy.options, isFrom: true)
  let table = copy.table?.name ?? ""
  let columns = copyColumns(table)
  let plain = try copyOptions("", isFrom: false)
  do throws(SQLError) {
    let rows = try copyIn(options, columns, table: table, pieces: pieces)
    return CopyOutcome(rows: latin1(copyOut(plain, columns, rows)))
  } catch {
    return CopyOutcome(
      fails: "\(error.code) \(error.message)", context: error.context, hint: error.hint)
  }
}
