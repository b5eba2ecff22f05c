public import Types

/// Avro's binary encoding, as a JSON document that the mapping reads like any other: bytes as `\x…`, times as
/// SQL writes them, a union as the value itself.
public struct AvroReader {
  private let bytes: [UInt8]
  private let schema: AvroSchema
  private var place: Int
  private var items = 0

  private static let depthMax = 100
  /// Elements may take no bytes at all.
  private static let itemsMax = 1_000_000

  /// 22P03: the bytes are not of the schema.
  public static func document(_ bytes: [UInt8], from place: Int, _ schema: AvroSchema)
    throws(SQLError)
    -> JSONValue
  {
    var reader = AvroReader(bytes: bytes, schema: schema, place: place)
    let value = try reader.value(schema.root, 0)
    guard reader.place == bytes.count else { throw fault("it has more bytes than its schema") }
    return value
  }

  private init(bytes: [UInt8], schema: AvroSchema, place: Int) {
    self.bytes = bytes
    self.schema = schema
    self.place = place
  }

  private static func fault(_ text: String) -> SQLError {
    SQLError(.invalidBinaryRepresentation, "invalid Avro value: \(text)")
  }

  private mutating func value(_ kind: AvroSchema.Kind, _ depth: Int) throws(SQLError) -> JSONValue {
    guard depth < Self.depthMax else { throw Self.fault("nested too deeply") }
    switch kind {
    case .null: return .null
    case .boolean:
      let byte = try take(1)[0]
      guard byte <= 1 else { throw Self.fault("boolean \(byte)") }
      return .bool(byte == 1)
    case .int, .long: return try AvroNumber.json("\(try long())")
    case .float:
      return try AvroNumber.json(Float(bitPattern: UInt32(truncatingIfNeeded: try little(4))))
    case .double: return try AvroNumber.json(Double(bitPattern: try little(8)))
    case .bytes: return .string(Self.hex(try lengthened()))
    case .string: return .string(try text())
    case .fixed(let size): return .string(Self.hex(try take(size)))
    case .enumeration(let symbols):
      let place = try long()
      guard place >= 0, place < symbols.count else { throw Self.fault("symbol \(place)") }
      return .string(symbols[Int(place)])
    case .array(let element):
      var elements: [JSONValue] = []
      try blocks { (reader) throws(SQLError) in
        elements.append(try reader.value(element, depth + 1))
      }
      return .array(elements)
    case .map(let element):
      var members: [JSONValue.Member] = []
      try blocks { (reader) throws(SQLError) in
        members.append(
          JSONValue.Member(key: try reader.text(), value: try reader.value(element, depth + 1)))
      }
      return .object(members)
    case .union(let branches):
      let place = try long()
      guard place >= 0, place < branches.count else { throw Self.fault("branch \(place)") }
      return try value(branches[Int(place)], depth + 1)
    case .record(let fields):
      var members: [JSONValue.Member] = []
      for field in fields {
        members.append(JSONValue.Member(key: field.name, value: try value(field.kind, depth + 1)))
      }
      return .object(members)
    case .named(let name):
      guard let kind = schema.names[name] else { throw Self.fault("type \(name)") }
      return try value(kind, depth + 1)
    case .logical(let logical, let base): return try value(logical, base)
    }
  }

  private mutating func value(_ logical: AvroSchema.Logical, _ base: AvroSchema.Kind)
    throws(SQLError) -> JSONValue
  {
    if case .decimal(let scale) = logical {
      let unscaled: ArraySlice<UInt8>
      if case .fixed(let size) = base {
        unscaled = try take(size)
      } else {
        unscaled = try lengthened()
      }
      return try AvroNumber.json(AvroNumber.decimal(unscaled, scale: scale))
    }
    return .string(try AvroNumber.time(logical, try long()))
  }

  // MARK: Bytes

  private mutating func blocks(_ item: (inout AvroReader) throws(SQLError) -> Void)
    throws(SQLError)
  {
    while true {
      var count = try long()
      if count == 0 { return }
      if count < 0 {
        // The block's bytes, for those who pass over it.
        _ = try long()
        guard count > .min else { throw Self.fault("a block of \(count)") }
        count = -count
      }
      guard count <= Self.itemsMax - items else { throw Self.fault("\(count) elements") }
      items += Int(count)
      for _ in 0..<count { try item(&self) }
    }
  }

  private mutating func take(_ count: Int) throws(SQLError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - place else { throw Self.fault("it is cut short") }
    defer { place += count }
    return bytes[place..<place + count]
  }

  private mutating func lengthened() throws(SQLError) -> ArraySlice<UInt8> {
    let length = try long()
    guard length >= 0, length <= bytes.count else { throw Self.fault("a length of \(length)") }
    return try take(Int(length))
  }

  private mutating func text() throws(SQLError) -> [UInt8] {
    let text = Array(try lengthened())
    guard String(validating: text, as: UTF8.self) != nil else {
      throw SQLError(.characterNotInRepertoire, "a string is not UTF-8")
    }
    return text
  }

  private mutating func long() throws(SQLError) -> Int64 {
    var result: UInt64 = 0
    for shift in stride(from: 0, through: 63, by: 7) {
      guard place < bytes.count else { throw Self.fault("it is cut short") }
      let byte = bytes[place]
      place += 1
      if shift == 63, byte > 1 { break }
      result |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 { return Int64(bitPattern: result >> 1) ^ -Int64(result & 1) }
    }
    throw Self.fault("a number of more than 64 bits")
  }

  private mutating func little(_ count: Int) throws(SQLError) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func hex(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("\\x".utf8)
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return text
  }
}
