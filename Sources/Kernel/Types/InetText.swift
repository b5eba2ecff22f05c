#if canImport(Glibc)
  import Glibc
#endif

/// inet and cidr: `192.168.1.5/24`, `::1`.
enum InetText {
  static func parse(_ bytes: [UInt8], isCIDR: Bool) throws(SQLError) -> InetValue {
    let name = isCIDR ? "cidr" : "inet"
    let parts = bytes.split(separator: 47, omittingEmptySubsequences: false)
    guard parts.count <= 2, bytes.count < 128, !bytes.contains(0) else {
      throw .invalidSyntax(name, bytes)
    }
    let isIPv6 = parts[0].contains(58)
    var address: [UInt8]
    var bits = 128
    if isIPv6 {
      address = [UInt8](repeating: 0, count: 16)
      let text = String(decoding: parts[0], as: UTF8.self)
      guard inet_pton(AF_INET6, text, &address) == 1 else { throw .invalidSyntax(name, bytes) }
    } else {
      address = []
      for part in parts[0].split(separator: 46, omittingEmptySubsequences: false) {
        guard part.count > 0, part.count <= 3, part.allSatisfy(ASCII.isDigit),
          let number = UInt8(String(decoding: part, as: UTF8.self)), address.count < 4
        else { throw .invalidSyntax(name, bytes) }
        address.append(number)
      }
      guard address.count == 4 || isCIDR else { throw .invalidSyntax(name, bytes) }
      bits = address.count == 4 ? 32 : max(address.count * 8, classBits(address[0]))
      while address.count < 4 { address.append(0) }
    }
    if parts.count == 2 {
      guard parts[1].count > 0, parts[1].count <= 3, parts[1].allSatisfy(ASCII.isDigit),
        let explicit = Int(String(decoding: parts[1], as: UTF8.self)), explicit <= address.count * 8
      else { throw .invalidSyntax(name, bytes) }
      bits = explicit
    }
    guard let value = InetValue(address: address, prefixLength: bits) else {
      throw .invalidSyntax(name, bytes)
    }
    if isCIDR && !value.isNetwork {
      throw SQLError(
        .invalidTextRepresentation,
        "invalid cidr value: \"\(String(decoding: bytes, as: UTF8.self))\"",
        detail: "Value has bits set to right of mask.")
    }
    return value
  }

  /// The old classes' prefix, for shortened cidr text.
  private static func classBits(_ first: UInt8) -> Int {
    first >= 240 ? 32 : (first >= 224 ? 8 : (first >= 192 ? 24 : (first >= 128 ? 16 : 8)))
  }

  static func write(_ value: InetValue, isCIDR: Bool, into output: inout [UInt8]) {
    var buffer = [CChar](repeating: 0, count: 64)
    var address = value.address
    if inet_ntop(value.isIPv6 ? AF_INET6 : AF_INET, &address, &buffer, 64) != nil {
      output.append(contentsOf: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    }
    if isCIDR || value.prefixLength != value.prefixLengthMax {
      output.append(47)
      output.append(contentsOf: String(value.prefixLength).utf8)
    }
  }
}
