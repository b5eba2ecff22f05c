public import Base

/// The hashes that map keys to buckets: Cassandra's token, Redis's slot.
public enum DistributionHash {
  /// Cassandra's Murmur3Partitioner: the first half of MurmurHash3 x64 128 with the partitioner's
  /// sign-extended tail bytes; the empty key has the least token, and the least value otherwise
  /// becomes the greatest.
  public static func token(_ bytes: [UInt8]) -> Int64 { bytes.withUnsafeBytes { token($0) } }

  public static func token(_ bytes: UnsafeRawBufferPointer) -> Int64 {
    if bytes.isEmpty { return .min }
    let token = Int64(bitPattern: murmur3(bytes))
    return token == .min ? .max : token
  }

  static func murmur3(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { murmur3($0) } }

  private static func murmur3(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let (c1, c2): (UInt64, UInt64) = (0x87C3_7B91_1142_53D5, 0x4CF5_AD43_2745_937F)
    func rotate(_ x: UInt64, _ by: UInt64) -> UInt64 { x << by | x >> (64 - by) }
    func mix(_ x: UInt64) -> UInt64 {
      var k = x
      k ^= k >> 33
      k &*= 0xFF51_AFD7_ED55_8CCD
      k ^= k >> 33
      k &*= 0xC4CE_B9FE_1A85_EC53
      return k ^ (k >> 33)
    }
    var (h1, h2): (UInt64, UInt64) = (0, 0)
    func block(_ at: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }
    let blocks = bytes.count / 16
    for index in 0..<blocks {
      h1 ^= rotate(block(index * 16) &* c1, 31) &* c2
      h1 = (rotate(h1, 27) &+ h2) &* 5 &+ 0x52DC_E729
      h2 ^= rotate(block(index * 16 + 8) &* c2, 33) &* c1
      h2 = (rotate(h2, 31) &+ h1) &* 5 &+ 0x3849_5AB5
    }
    var (k1, k2): (UInt64, UInt64) = (0, 0)
    let tail = blocks * 16
    for index in tail..<bytes.count {
      let signed = UInt64(bitPattern: Int64(Int8(bitPattern: bytes[index])))
      let place = index - tail
      if place < 8 {
        k1 ^= signed << UInt64(place * 8)
      } else {
        k2 ^= signed << UInt64(place * 8 - 64)
      }
    }
    if bytes.count - tail > 8 { h2 ^= rotate(k2 &* c2, 33) &* c1 }
    if bytes.count > tail { h1 ^= rotate(k1 &* c1, 31) &* c2 }
    h1 ^= UInt64(bytes.count)
    h2 ^= UInt64(bytes.count)
    h1 = h1 &+ h2
    h2 = h2 &+ h1
    h1 = mix(h1)
    h2 = mix(h2)
    return h1 &+ h2
  }

  /// The top 14 bits of the token, in token order.
  public static func bucket(token: Int64) -> Bucket {
    Bucket(slot: UInt16((UInt64(bitPattern: token) ^ (1 << 63)) >> 50))
  }

  /// A Redis slot is its bucket.
  public static func bucket(slot: UInt16) -> Bucket { Bucket(slot: slot & 0x3FFF) }

  /// CRC16, the XMODEM variant.
  public static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var crc: UInt16 = 0
    for byte in bytes {
      crc ^= UInt16(byte) << 8
      for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
    return crc
  }

  /// The Redis slot of a key: of its hash tag, when it has a non-empty one.
  public static func slot(_ key: [UInt8]) -> UInt16 {
    if let open = key.firstIndex(of: UInt8(ascii: "{")),
      let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
    {
      return crc16(key[(open + 1)..<close]) & 0x3FFF
    }
    return crc16(key) & 0x3FFF
  }

  /// The token of a distribution key, over its CQL serialisation: one value bare, several each
  /// between a two-byte length and a zero. Equal values of one type hash equally; types that CQL
  /// has not, and numerics, hash their memcomparable form.
  public static func distributionToken(_ values: [Value], _ types: [SQLType]) -> Int64 {
    invariant(values.count == types.count, "a type for each value of the distribution key")
    return token(distributionKey(values, types))
  }

  /// What the token is taken of.
  public static func distributionKey(_ values: [Value], _ types: [SQLType]) -> [UInt8] {
    if values.count == 1 { return serialise(values[0], types[0]) }
    var key: [UInt8] = []
    for (value, type) in zip(values, types) {
      let part = serialise(value, type)
      appendBig(UInt64(part.count & 0xFFFF), 2, into: &key)
      key.append(contentsOf: part)
      key.append(0)
    }
    return key
  }

  /// Of a distribution key of one value.
  public static func distributionToken(_ value: Value, _ type: SQLType) -> Int64 {
    token(serialise(value, type))
  }

  private static func appendBig(_ value: UInt64, _ count: Int, into output: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { output.append(contentsOf: $0[(8 - count)...]) }
  }

  private static func serialise(_ value: Value, _ type: SQLType) -> [UInt8] {
    var output: [UInt8] = []
    switch value {
    case .null: break
    case .bool(let flag): output.append(flag ? 1 : 0)
    case .int(let number):
      switch type.oid {
      case SQLType.int2.oid: appendBig(UInt64(bitPattern: number), 2, into: &output)
      case SQLType.int8.oid, SQLType.xid8.oid:
        appendBig(UInt64(bitPattern: number), 8, into: &output)
      case SQLType.date.oid:
        // Days from 1970-01-01, which is 2^31.
        appendBig(UInt64(bitPattern: number &+ 10_957 &+ 0x8000_0000), 4, into: &output)
      case SQLType.time.oid: appendBig(UInt64(bitPattern: number &* 1_000), 8, into: &output)
      case SQLType.timestamp.oid, SQLType.timestamptz.oid:
        let (days, time) = Calendar.split(number)
        let milliseconds = Int64(days) * 86_400_000 + time / 1_000
        let unix = milliseconds + Calendar.epochOffsetSeconds * 1_000
        appendBig(UInt64(bitPattern: unix), 8, into: &output)
      default: appendBig(UInt64(bitPattern: number), 4, into: &output)
      }
    case .float(let number):
      let canonical = number.isNaN ? Double.nan : (number == 0 ? 0 : number)
      if type.oid == SQLType.float4.oid {
        appendBig(UInt64(Float(canonical).bitPattern), 4, into: &output)
      } else {
        appendBig(canonical.bitPattern, 8, into: &output)
      }
    case .text(let text):
      return type.oid == SQLType.bpchar.oid ? Value.trimmingBlanks(text) : text
    case .bytes(let bytes): return bytes
    case .uuid(let uuid): return uuid.bytes
    case .inet(let inet): return inet.address
    default: KeyCodec.encode(value, type: type, into: &output)
    }
    return output
  }
}
