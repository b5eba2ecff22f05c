import Base
import Catalog
import Functions
import Node
import Synchronization
import Types

/// What the expressions of one fragment refer to: collected while they are written, so that the
/// environment, which is written last, holds nothing else.
struct EnvironmentNeeds {
  var context: ContextNeeds = []
  var parameters: [Int] = []
  var variables: [VariableID] = []
  var externals: [ExternalID] = []
}

/// Makes the functions over a catalog for fragments, which come without a session.
enum FragmentCatalog {
  /// A closure of its own in a mutex would be wrapped anew, and kept so, by each access.
  private struct Maker {
    var make: (@Sendable (CatalogSnapshot) -> any CatalogFunctions)?
  }
  private static let maker = Mutex(Maker())

  static func use(_ make: @escaping @Sendable (CatalogSnapshot) -> any CatalogFunctions) {
    maker.withLock { $0.make = make }
  }

  static func functions(_ catalog: CatalogSnapshot) -> (any CatalogFunctions)? {
    let make = maker.withLock { $0.make }
    return make?(catalog)
  }
}

/// Time zones by name: finding one reads a file. Shared by the shards; few names are in use.
enum FragmentZones {
  private static let known = Mutex<[String: TimeZone]>([:])
  private static let countMax = 1_024

  static func named(_ name: String) -> TimeZone? {
    if let found = known.withLock({ $0[name] }) { return found }
    guard let made = SessionSettings.timeZone(name) else { return nil }
    known.withLock { zones in
      if zones.count >= countMax { zones = [:] }
      zones[name] = made
    }
    return made
  }
}

private struct EnvironmentFlags: OptionSet {
  let rawValue: UInt8
  static let parameters = EnvironmentFlags(rawValue: 1)
  static let variables = EnvironmentFlags(rawValue: 2)
  static let externals = EnvironmentFlags(rawValue: 4)
  static let session = EnvironmentFlags(rawValue: 8)
  static let settings = EnvironmentFlags(rawValue: 16)
  static let volatile = EnvironmentFlags(rawValue: 32)
  static let all = EnvironmentFlags(rawValue: 63)
}

extension EvaluationEnvironment {
  /// The times and formats go always: errors show values by them.
  func encode(into out: inout WireEncoder, _ needs: EnvironmentNeeds) {
    let wantedParameters = Self.sorted(needs.parameters).filter { $0 < parameters.count }
    let wantedVariables = Self.sorted(needs.variables).filter { variables[$0] != nil }
    let wantedExternals = Self.sorted(needs.externals).filter { externals[$0] != nil }
    var flags = EnvironmentFlags()
    if !wantedParameters.isEmpty { flags.insert(.parameters) }
    if !wantedVariables.isEmpty { flags.insert(.variables) }
    if !wantedExternals.isEmpty { flags.insert(.externals) }
    if needs.context.contains(.session) { flags.insert(.session) }
    if needs.context.contains(.settings) { flags.insert(.settings) }
    if needs.context.contains(.volatile) { flags.insert(.volatile) }
    out.bytes.bytes.append(flags.rawValue)
    context.encodeTimes(into: &out)
    if flags.contains(.parameters) {
      out.list(wantedParameters) { index, out in
        out.bytes.varint(UInt64(index))
        parameters[index].encode(into: &out)
      }
    }
    if flags.contains(.variables) {
      out.list(wantedVariables) { id, out in
        id.encode(into: &out)
        (variables[id] ?? .null).encode(into: &out)
      }
    }
    if flags.contains(.externals) {
      out.list(wantedExternals) { id, out in
        id.encode(into: &out)
        externals[id]?.value.encode(into: &out)
        out.rows(externals[id]?.rows ?? [])
      }
    }
    if flags.contains(.session) { context.encodeSession(into: &out) }
    if flags.contains(.settings) {
      out.list(context.allSettings()) { item, out in
        out.bytes.string(item.name)
        out.bytes.string(item.value)
      }
    }
    if flags.contains(.volatile) { context.encodeVolatile(into: &out) }
  }

  /// Each once.
  private static func sorted(_ list: [Int]) -> [Int] {
    if list.count < 2 { return list }
    var result: [Int] = []
    for item in list.sorted() where item != result.last { result.append(item) }
    return result
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let flags = EnvironmentFlags(rawValue: try reader.bytes.integer())
    guard flags.isSubset(of: .all) else { throw .malformed("environment \(flags.rawValue)") }
    self.init(parameters: [], context: try EvaluationContext(times: &reader))
    if flags.contains(.parameters) {
      for _ in 0..<(try reader.count(bytesEach: 2)) {
        // The client protocols count parameters in 16 bits.
        let index = try reader.place(below: Int(UInt16.max) + 1)
        while parameters.count < index { parameters.append(.null) }
        guard parameters.count == index else { throw .malformed("parameter \(index) twice") }
        parameters.append(try Value(from: &reader))
      }
    }
    if flags.contains(.variables) {
      for _ in 0..<(try reader.count(bytesEach: 2)) {
        let id = try Int(from: &reader)
        variables[id] = try Value(from: &reader)
      }
    }
    if flags.contains(.externals) {
      for _ in 0..<(try reader.count(bytesEach: 3)) {
        let id = try Int(from: &reader)
        let value = try Value(from: &reader)
        let rows = try reader.rows()
        externals[id] = rows.isEmpty ? ExternalResult(value: value) : ExternalResult(rows: rows)
      }
    }
    if flags.contains(.session) { try context.decodeSession(from: &reader) }
    if flags.contains(.settings) {
      var values: [String: String] = [:]
      for _ in 0..<(try reader.count(bytesEach: 2)) {
        values[try reader.bytes.string()] = try reader.bytes.string()
      }
      let known = values
      context.setting = { known[$0.lowercased()] }
      context.allSettings = { known.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
    if flags.contains(.volatile) { try context.decodeVolatile(from: &reader) }
  }
}

// MARK: - The session's side

extension EvaluationContext {
  /// How `settings.now` is told.
  private enum Now: UInt8 {
    case clock = 0
    case transaction, other
  }

  fileprivate func encodeTimes(into out: inout WireEncoder) {
    out.bytes.signedVarint(transactionTimestamp)
    out.bytes.signedVarint(statementTimestamp &- transactionTimestamp)
    let now: Now =
      settings.now == nil ? .clock : settings.now == transactionTimestamp ? .transaction : .other
    let isUTC = settings.timeZone === TimeZone.utc
    let dateOrder: UInt8 =
      switch settings.dateOrder {
      case .mdy: 0
      case .dmy: 1
      case .ymd: 2
      }
    var formats = dateOrder | now.rawValue << 2
    if settings.intervalStyle == .iso8601 { formats |= 16 }
    if settings.byteaOutput == .escape { formats |= 32 }
    if settings.extraFloatDigits != 1 { formats |= 64 }
    if !isUTC { formats |= 128 }
    out.bytes.bytes.append(formats)
    if now == .other { (settings.now ?? 0).encode(into: &out) }
    if settings.extraFloatDigits != 1 { settings.extraFloatDigits.encode(into: &out) }
    if !isUTC { out.bytes.string(settings.timeZone.name) }
  }

  fileprivate init(times reader: inout WireDecoder) throws(DecodingFault) {
    let transaction = try reader.bytes.signedVarint()
    let statement = transaction &+ (try reader.bytes.signedVarint())
    let formats: UInt8 = try reader.bytes.integer()
    self.init(transactionTimestamp: transaction, statementTimestamp: statement)
    switch formats & 3 {
    case 0: settings.dateOrder = .mdy
    case 1: settings.dateOrder = .dmy
    case 2: settings.dateOrder = .ymd
    default: throw .malformed("formats \(formats)")
    }
    switch Now(rawValue: formats >> 2 & 3) {
    case .clock: settings.now = nil
    case .transaction: settings.now = transaction
    case .other: settings.now = try reader.bytes.signedVarint()
    case nil: throw .malformed("formats \(formats)")
    }
    if formats & 16 != 0 { settings.intervalStyle = .iso8601 }
    if formats & 32 != 0 { settings.byteaOutput = .escape }
    if formats & 64 != 0 { settings.extraFloatDigits = try Int(from: &reader) }
    if formats & 128 != 0 {
      let name = try reader.bytes.string()
      guard let zone = FragmentZones.named(name) else {
        throw .malformed("time zone \(name) is not known here")
      }
      settings.timeZone = zone
    }
  }

  fileprivate func encodeSession(into out: inout WireEncoder) {
    let isUsual = versionText == SessionSettings.versionText
    let isOne = currentUser == sessionUser
    out.bytes.bytes.append(
      (isUsual ? 1 : 0) | (isOne ? 2 : 0) | (catalog == nil ? 0 : 4))
    out.bytes.string(currentUser)
    if !isOne { out.bytes.string(sessionUser) }
    out.bytes.string(currentDatabase)
    out.list(searchPath)
    if !isUsual { out.bytes.string(versionText) }
    out.bytes.signedVarint(Int64(backendProcessID))
  }

  fileprivate mutating func decodeSession(from reader: inout WireDecoder) throws(DecodingFault) {
    let flags: UInt8 = try reader.bytes.integer()
    guard flags < 8 else { throw .malformed("session \(flags)") }
    currentUser = try reader.bytes.string()
    sessionUser = flags & 2 != 0 ? currentUser : try reader.bytes.string()
    currentDatabase = try reader.bytes.string()
    searchPath = try [String](from: &reader)
    versionText = flags & 1 != 0 ? SessionSettings.versionText : try reader.bytes.string()
    guard let process = Int32(exactly: try reader.bytes.signedVarint()) else {
      throw .malformed("process")
    }
    backendProcessID = process
    if flags & 4 != 0 { catalog = FragmentCatalog.functions(reader.catalog) }
  }

  /// The clock stands while a statement runs, wherever its fragments are.
  fileprivate func encodeVolatile(into out: inout WireEncoder) {
    out.bytes.signedVarint(clockTimestamp())
    for part in [random.s0, random.s1, random.s2, random.s3] { out.bytes.integer(part) }
  }

  fileprivate mutating func decodeVolatile(from reader: inout WireDecoder) throws(DecodingFault) {
    let clock = try reader.bytes.signedVarint()
    clockTimestamp = { clock }
    random.s0 = try reader.bytes.integer()
    random.s1 = try reader.bytes.integer()
    random.s2 = try reader.bytes.integer()
    random.s3 = try reader.bytes.integer()
  }
}
