import Base
import Catalog
import SQL
import Types

/// WITH of a table. Those that say how Cassandra stores things are kept and shown, and change nothing
/// here: rows are stored as the kernel does.
struct TableOptions: Sendable {
  /// In the order of DESCRIBE, with what holds without being said. Values as CQL writes them.
  static let defaults: [(name: String, value: String)] = [
    ("additional_write_policy", "'99p'"), ("bloom_filter_fp_chance", "0.01"),
    ("caching", "{'keys': 'ALL', 'rows_per_partition': 'NONE'}"), ("cdc", "false"),
    ("comment", "''"),
    (
      "compaction",
      "{'class': 'org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy', 'max_threshold': '32', 'min_threshold': '4'}"
    ),
    (
      "compression",
      "{'chunk_length_in_kb': '16', 'class': 'org.apache.cassandra.io.compress.LZ4Compressor'}"
    ),
    ("crc_check_chance", "1.0"), ("default_time_to_live", "0"), ("extensions", "{}"),
    ("gc_grace_seconds", "864000"), ("max_index_interval", "2048"),
    ("memtable_flush_period_in_ms", "0"), ("min_index_interval", "128"),
    ("read_repair", "'BLOCKING'"), ("speculative_retry", "'99p'"),
  ]
  /// Of versions before; taken and shown nowhere.
  private static let former: Set<String> = ["read_repair_chance", "dclocal_read_repair_chance"]
  /// What the table is called beside its name: not shown by DESCRIBE.
  private static let id = "id"

  /// As given, by name.
  private(set) var given: [String: Term] = [:]
  var comment: String?

  init() {}

  init(_ table: TableDescriptor) throws(CQLError) {
    comment = table.comment
    for (name, text) in table.options where name.hasPrefix(CQLTable.optionPrefix) {
      let name = String(name.dropFirst(CQLTable.optionPrefix.count))
      guard name == Self.id || Self.defaults.contains(where: { $0.name == name }) else { continue }
      var parser = try Parser(text)
      given[name] = try parser.simpleTerm()
    }
    for name in [Deletions.graceOption] {
      if let text = table.options[name] { given[name] = .integer(text) }
    }
  }

  /// Checks and takes what a statement gives.
  mutating func take(_ options: Options, isNew: Bool = true) throws(CQLError) {
    for entry in options.entries {
      guard
        Self.defaults.contains(where: { $0.name == entry.name })
          || Self.former.contains(entry.name) || entry.name == Self.id
      else { throw CQLError(.syntax, "Unknown property '\(entry.name)'") }
      if entry.name == Self.id {
        guard isNew else { throw CQLError(.configuration, "Cannot alter table id.") }
        given[Self.id] = .uuid(try Self.identifier(entry.value))
        continue
      }
      if entry.name == "cdc", entry.value == .bool(true) || entry.value == .string("true") {
        throw .invalid("CDC is not supported")
      }
      if ["default_time_to_live", "gc_grace_seconds"].contains(entry.name) {
        guard case .integer(let digits) = entry.value, let seconds = Int64(digits), seconds >= 0
        else {
          throw CQLError(
            .configuration, "\(entry.name) must be a whole number from 0 on")
        }
        guard entry.name != "default_time_to_live" || seconds <= TimeToLive.secondsMax else {
          throw CQLError(
            .configuration,
            "default_time_to_live must be less than or equal to \(TimeToLive.secondsMax) (got "
              + "\(seconds))")
        }
      }
      if ["speculative_retry", "additional_write_policy"].contains(entry.name) {
        guard case .string(let text) = entry.value, Self.isRetryPolicy(text.uppercased()) else {
          throw CQLError(
            .configuration,
            "Invalid value \(TermText.plain(entry.value)) for option '\(entry.name)'")
        }
      }
      if entry.name == "comment" {
        guard case .string(let text) = entry.value else {
          throw .syntax("the comment must be a text")
        }
        comment = text.isEmpty ? nil : text
        continue
      }
      if !Self.former.contains(entry.name) { given[entry.name] = entry.value }
    }
  }

  /// NONE, ALWAYS, `99PERCENTILE` or `99p`, `50ms`, and MIN or MAX of two of them.
  private static func isRetryPolicy(_ text: String) -> Bool {
    if text == "NONE" || text == "ALWAYS" { return true }
    for name in ["MIN(", "MAX("] where text.hasPrefix(name) && text.hasSuffix(")") {
      let parts = text.dropFirst(4).dropLast().split(separator: ",")
      return parts.count == 2
        && parts.allSatisfy { isRetryPolicy(String($0.drop { $0 == " " })) }
    }
    for (unit, limit) in [
      ("PERCENTILE", 100.0), ("MS", Double.greatestFiniteMagnitude), ("P", 100),
    ]
    where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count)), number.isFinite else { return false }
      return number >= 0 && number <= limit
    }
    return false
  }

  /// Writes them to the catalog's table.
  func apply(to table: inout TableDescriptor) {
    table.comment = comment
    for (name, value) in given {
      if name == Deletions.graceOption, case .integer(let digits) = value {
        table.options[name] = digits
      } else {
        table.options[CQLTable.optionPrefix + name] = TermText.text(value)
      }
    }
  }

  func text(_ name: String) -> String {
    if name == "comment" { return CQLName.literal(comment ?? "") }
    if let value = given[name] { return TermText.text(value) }
    return Self.defaults.first { $0.name == name }?.value ?? ""
  }

  static func defaultTimeToLive(of table: TableDescriptor) -> Int64 {
    table.options[CQLTable.optionPrefix + "default_time_to_live"].flatMap { Int64($0) } ?? 0
  }

  private func number(_ name: String) -> Int64 { Int64(text(name)) ?? 0 }

  /// A map option's entries as texts.
  private func pairs(_ name: String) -> Datum {
    let parsed = Result<Term, CQLError> { () throws(CQLError) in
      var parser = try Parser(text(name))
      return try parser.simpleTerm()
    }
    guard case .success(.map(let pairs)) = parsed else { return .map([]) }
    return SystemTables.map(pairs.map { (TermText.plain($0.key), TermText.plain($0.value)) })
  }

  private static func identifier(_ term: Term) throws(CQLError) -> String {
    let text = TermText.plain(term)
    let parsed = Result<Datum, CQLError> { () throws(CQLError) in try TextForm.parse(text, .uuid) }
    guard case .success = parsed else {
      throw CQLError(.configuration, "Invalid table id \(text)")
    }
    return text
  }

  /// The one that was given, or one that the catalog's number makes.
  func identifier(of table: ObjectID) -> UUIDValue {
    if case .uuid(let text)? = given[Self.id],
      case .success(.scalar(.uuid(let uuid))) = Result(catching: { () throws(CQLError) in
        try TextForm.parse(text, .uuid)
      })
    {
      return uuid
    }
    return Self.identifier(table)
  }

  private static func identifier(_ id: ObjectID) -> UUIDValue {
    UUIDValue(high: UInt64(id.rawValue) << 32 | 0x4000, low: 0x8000_0000_0000_0000)
  }

  /// The table's row of system_schema.tables.
  func row(_ keyspace: String, _ table: CQLTable) -> [Datum] {
    func decimal(_ name: String) -> Datum { .scalar(.float(Double(text(name)) ?? 0)) }
    func plain(_ name: String) -> Datum {
      let parsed = text(name)
      return .text(parsed.hasPrefix("'") ? String(parsed.dropFirst().dropLast()) : parsed)
    }
    let id = identifier(of: table.id)
    let flags: [Datum] = [.text("compound")] + (table.isCounter ? [.text("counter")] : [])
    return [
      .text(keyspace), .text(table.name), plain("additional_write_policy"),
      decimal("bloom_filter_fp_chance"), pairs("caching"), .null, .text(comment ?? ""),
      pairs("compaction"), pairs("compression"), decimal("crc_check_chance"), .scalar(.float(0)),
      .int(number("default_time_to_live")), .map([]), .set(flags, .text),
      .int(number("gc_grace_seconds")), .scalar(.uuid(id)), .int(number("max_index_interval")),
      .int(number("memtable_flush_period_in_ms")), .int(number("min_index_interval")),
      plain("read_repair"), .scalar(.float(0)), plain("speculative_retry"),
    ]
  }
}

enum TimeToLive {
  /// Twenty years.
  static let secondsMax: Int64 = 630_720_000
}

/// Terms as CQL writes them: those that options are made of.
enum TermText {
  static func text(_ term: Term) -> String {
    switch term {
    case .string(let text): CQLName.literal(text)
    case .integer(let digits), .decimal(let digits): digits
    case .bool(let flag): flag ? "true" : "false"
    case .uuid(let text), .duration(let text): text
    case .blob(let bytes): "0x" + HexText.text(bytes)
    case .list(let items): "[" + items.map(text).joined(separator: ", ") + "]"
    case .set(let items): "{" + items.map(text).joined(separator: ", ") + "}"
    case .map(let pairs):
      "{" + pairs.map { text($0.key) + ": " + text($0.value) }.joined(separator: ", ") + "}"
    case .tuple(let items): "(" + items.map(text).joined(separator: ", ") + ")"
    default: "null"
    }
  }

  /// Without quotes.
  static func plain(_ term: Term) -> String {
    if case .string(let text) = term { text } else { text(term) }
  }
}
