import Base

/// A row that is written column by column, as `RowCodec.encode` writes one whole. Its memory is kept for the next one.
public struct RowBytes {
  private var writer = ByteWriter()
  private var bitmap = 0
  private var next = 0

  public init() {}

  /// Begins a row of so many columns.
  public mutating func begin(columns: Int) {
    writer.bytes.removeAll(keepingCapacity: writer.bytes.capacity <= Self.keptBytesMax)
    writer.bytes.append(RowCodec.version)
    writer.varint(UInt64(columns))
    (bitmap, next) = (writer.count, 0)
    for _ in 0..<(columns + 7) / 8 { writer.bytes.append(0) }
  }

  /// The next column.
  public mutating func append(_ value: ValueView) {
    if case .null = value {
      writer.bytes[bitmap + next / 8] |= 1 << UInt8(next % 8)
    } else {
      RowCodec.write(value, into: &writer)
    }
    next += 1
  }

  /// The next column, of another row's bytes; one that the other row lacks is null.
  public mutating func append(copyOf field: RowField) {
    switch field {
    case .absent, .null: append(.null)
    case .bool(let flag): append(.bool(flag))
    case .int(let number): append(.int(number))
    case .float(let number): append(.float(number))
    case .text(let bytes): append(.text(bytes))
    case .bytes(let bytes): append(.bytes(bytes))
    case .other(let bytes):
      writer.raw(bytes)
      next += 1
    }
  }

  /// What has been written since `begin`; nothing is copied.
  public var bytes: [UInt8] { writer.bytes }

  private static let keptBytesMax = 1 << 16
}
