public import Types

/// Avro's binary encoding of SQL's values. Lives on: any thread.
public enum AvroWriter {
  /// Appends the value in the form of the kind. False: the kind has no place for it (a null, an infinite time, an
  /// array of arrays); then some bytes may have been appended, which the caller takes back.
  public static func write(
    _ value: Value, of type: SQLType, as kind: AvroSchema.Kind, into out: inout [UInt8]
  ) -> Bool {
    switch kind {
    case .union(let branches): return write(value, of: type, asOneOf: branches, into: &out)
    case .null: return value.isNull
    case .string: return writeString(value, type, into: &out)
    case .array(let element):
      guard case .array(let array) = value else { return false }
      return write(array, element, into: &out)
    case .logical(let logical, let base):
      return write(value, logical, base, into: &out)
    default: return writeScalar(value, kind, into: &out)
    }
  }

  /// Appends a text without making a value of it. False: the kind is neither a string nor a union that has one;
  /// nothing has been appended.
  public static func write(
    text: UnsafeRawBufferPointer, as kind: AvroSchema.Kind, into out: inout [UInt8]
  ) -> Bool {
    switch kind {
    case .string: break
    case .union(let branches):
      let place = branches.firstIndex { if case .string = $0 { true } else { false } }
      guard let place else { return false }
      writeLong(Int64(place), into: &out)
    default: return false
    }
    writeLong(Int64(text.count), into: &out)
    out.append(contentsOf: text)
    return true
  }

  private static func write(
    _ value: Value, of type: SQLType, asOneOf branches: [AvroSchema.Kind], into out: inout [UInt8]
  ) -> Bool {
    let start = out.count
    for (place, branch) in branches.enumerated() {
      // Null goes with nothing else, and nothing else with null.
      if case .null = branch { if !value.isNull { continue } } else if value.isNull { continue }
      writeLong(Int64(place), into: &out)
      if write(value, of: type, as: branch, into: &out) { return true }
      out.removeLast(out.count - start)
    }
    return false
  }

  private static func writeScalar(
    _ value: Value, _ kind: AvroSchema.Kind, into out: inout [UInt8]
  ) -> Bool {
    switch (kind, value) {
    case (.boolean, .bool(let flag)): out.append(flag ? 1 : 0)
    case (.int, .int(let number)):
      guard Int32(exactly: number) != nil else { return false }
      writeLong(number, into: &out)
    case (.long, .int(let number)): writeLong(number, into: &out)
    case (.float, .float(let number)): little(UInt64(Float(number).bitPattern), 4, into: &out)
    case (.double, .float(let number)): little(number.bitPattern, 8, into: &out)
    case (.bytes, .bytes(let bytes)): writeBytes(bytes, into: &out)
    default: return false
    }
    return true
  }

  /// Whatever has no other counterpart: as SQL writes it, in UTC.
  private static func writeString(_ value: Value, _ type: SQLType, into out: inout [UInt8]) -> Bool
  {
    switch value {
    case .null: return false
    case .text(let text): writeBytes(text, into: &out)
    default:
      var text: [UInt8] = []
      TypeIO.formatText(value, as: type, settings: FormatSettings(), into: &text)
      writeBytes(text, into: &out)
    }
    return true
  }

  /// One block, and the end of blocks. Bounds of dimensions are not told.
  private static func write(
    _ array: ArrayValue, _ element: AvroSchema.Kind, into out: inout [UInt8]
  ) -> Bool {
    guard array.dimensions.count <= 1 else { return false }
    if !array.elements.isEmpty { writeLong(Int64(array.elements.count), into: &out) }
    for value in array.elements {
      guard write(value, of: array.elementType, as: element, into: &out) else { return false }
    }
    out.append(0)
    return true
  }

  private static func write(
    _ value: Value, _ logical: AvroSchema.Logical, _ base: AvroSchema.Kind, into out: inout [UInt8]
  ) -> Bool {
    switch (logical, base, value) {
    case (.decimal(let scale), .bytes, .numeric(let number)):
      guard let unscaled = AvroNumber.unscaled(number, scale: scale) else { return false }
      writeBytes(unscaled, into: &out)
    case (.date, .int, .int(let days)):
      let (moved, isBeyond) = days.addingReportingOverflow(AvroTime.epochDays)
      guard !isBeyond, let day = Int32(exactly: moved), days > Int64(Int32.min),
        days < Int64(Int32.max)
      else { return false }
      writeLong(Int64(day), into: &out)
    case (.timeMicros, .long, .int(let time)):
      // 24:00:00 is no time of Avro's.
      guard (0..<AvroTime.microsecondsInDay).contains(time) else { return false }
      writeLong(time, into: &out)
    case (.timestamp(perSecond: 1_000_000, isLocal: _), .long, .int(let time)):
      let (moved, isBeyond) = time.addingReportingOverflow(AvroTime.epochMicroseconds)
      guard !isBeyond, time > .min else { return false }
      writeLong(moved, into: &out)
    default: return false
    }
    return true
  }

  // MARK: Bytes

  /// Zigzag, seven bits a byte.
  static func writeLong(_ value: Int64, into out: inout [UInt8]) {
    var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
    while rest >= 0x80 {
      out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    out.append(UInt8(rest))
  }

  private static func writeBytes(_ bytes: [UInt8], into out: inout [UInt8]) {
    writeLong(Int64(bytes.count), into: &out)
    out += bytes
  }

  private static func little(_ bits: UInt64, _ count: Int, into out: inout [UInt8]) {
    for place in 0..<count { out.append(UInt8(truncatingIfNeeded: bits >> UInt64(place * 8))) }
  }
}
