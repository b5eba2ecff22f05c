import Base
import Catalog
import Glibc
import Types

/// Keys of rows of the schema `redis`, as SQL's `KeyCodec` makes them (a test compares the two).
enum RowKey {
  private static let value: UInt8 = 1

  /// Of a row of `redis.keys`; what the keys of all the key's elements begin with.
  static func key(db: Int, _ name: some Collection<UInt8>) -> [UInt8] {
    if let made = name.withContiguousStorageIfAvailable({ plainKey(db, UnsafeRawBufferPointer($0)) }
    ),
      let made
    {
      return made
    }
    var out: [UInt8] = []
    out.reserveCapacity(16 + name.count)
    append(Int64(db), to: &out)
    append(name, to: &out)
    return out
  }

  /// Of a name without a zero byte, as nearly all are; nil: it has one.
  private static func plainKey(_ db: Int, _ name: UnsafeRawBufferPointer) -> [UInt8]? {
    if let base = name.baseAddress, memchr(base, 0, name.count) != nil { return nil }
    let size = numberBytes + 1 + name.count + 2
    return Array(unsafeUninitializedCapacity: size) { buffer, count in
      let out = UnsafeMutableRawBufferPointer(buffer)
      out[0] = value
      out.storeBytes(
        of: (UInt64(bitPattern: Int64(db)) ^ (1 << 63)).bigEndian, toByteOffset: 1, as: UInt64.self)
      out[numberBytes] = value
      UnsafeMutableRawBufferPointer(rebasing: out[(numberBytes + 1)...]).copyMemory(from: name)
      out[size - 2] = 0
      out[size - 1] = 0
      count = size
    }
  }

  /// All keys of the database begin with this.
  static func database(_ db: Int) -> [UInt8] {
    var out: [UInt8] = []
    append(Int64(db), to: &out)
    return out
  }

  static func append(_ number: Int64, to out: inout [UInt8]) {
    out.append(value)
    withUnsafeBytes(of: (UInt64(bitPattern: number) ^ (1 << 63)).bigEndian) {
      out.append(contentsOf: $0)
    }
  }

  static func append(_ text: some Collection<UInt8>, to out: inout [UInt8]) {
    out.reserveCapacity(out.count + text.count + 3)
    out.append(value)
    let isPlain = text.withContiguousStorageIfAvailable { bytes -> Bool in
      if let base = bytes.baseAddress, memchr(base, 0, bytes.count) != nil { return false }
      out.append(contentsOf: bytes)
      return true
    }
    if isPlain == true {
      out.append(0)
      return out.append(0)
    }
    for byte in text {
      out.append(byte)
      if byte == 0 { out.append(0xFF) }
    }
    out.append(0)
    out.append(0)
  }

  /// The order of the bytes is that of the numbers; never NaN, and −0 is 0.
  static func append(_ number: Double, to out: inout [UInt8]) {
    out.append(value)
    let bits = (number == 0 ? 0 : number).bitPattern
    withUnsafeBytes(of: (bits >> 63 == 1 ? ~bits : bits | 1 << 63).bigEndian) {
      out.append(contentsOf: $0)
    }
  }

  /// Of an integer or a float, with its marker.
  static let numberBytes = 9

  /// The float whose bytes begin at `start`, its marker.
  static func double(_ key: UnsafeRawBufferPointer, at start: Int) -> Double? {
    guard start + numberBytes <= key.count, key[start] == value else { return nil }
    let bits = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: start + 1, as: UInt64.self))
    return Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits)
  }

  /// Of a uuid, or a stream's id.
  static func append(high: UInt64, low: UInt64, to out: inout [UInt8]) {
    out.append(value)
    withUnsafeBytes(of: high.bigEndian) { out.append(contentsOf: $0) }
    withUnsafeBytes(of: low.bigEndian) { out.append(contentsOf: $0) }
  }

  /// The first key behind all that begin with `prefix`.
  static func end(of prefix: [UInt8]) -> [UInt8]? {
    var end = prefix
    while let last = end.last {
      if last < 0xFF {
        end[end.count - 1] = last + 1
        return end
      }
      end.removeLast()
    }
    return nil
  }

  /// The database and the name in a row's key, and where what follows them begins.
  static func parse(_ key: UnsafeRawBufferPointer) -> (db: Int, name: [UInt8], end: Int)? {
    guard key.count >= 12, key[0] == value, key[9] == value else { return nil }
    let raw = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: UInt64.self)) ^ (1 << 63)
    guard let (name, end) = text(key, at: 10) else { return nil }
    return (Int(Int64(bitPattern: raw)), name, end)
  }

  /// The name in a row's key, which must be one.
  static func name(_ key: UnsafeRawBufferPointer) -> [UInt8] {
    guard let name = parse(key)?.name else {
      fatalError("invariant: a row of schema redis has a key's name")
    }
    return name
  }

  /// The text whose bytes begin at `start` (behind its marker), and where they end.
  static func text(_ key: UnsafeRawBufferPointer, at start: Int) -> (text: [UInt8], end: Int)? {
    var text: [UInt8] = []
    var position = start
    while position + 1 < key.count {
      let byte = key[position]
      if byte != 0 {
        text.append(byte)
        position += 1
      } else if key[position + 1] == 0 {
        return (text, position + 2)
      } else {
        text.append(0)
        position += 2
      }
    }
    return nil
  }

  /// A key between two, by chance in the eight bytes behind what they begin with together.
  static func place(between first: [UInt8], _ last: [UInt8], _ random: inout Xoshiro256) -> [UInt8]
  {
    let common = zip(first, last).prefix { $0 == $1 }.count
    func number(_ key: [UInt8]) -> UInt64 {
      (common..<common + 8).reduce(0) { $0 << 8 | UInt64($1 < key.count ? key[$1] : 0) }
    }
    let chosen = UInt64.random(in: number(first)...number(last), using: &random)
    return first[..<common] + withUnsafeBytes(of: chosen.bigEndian) { Array($0) }
  }
}
