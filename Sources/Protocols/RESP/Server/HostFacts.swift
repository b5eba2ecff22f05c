import Base
import Glibc
import Node

/// What of Redis this front end speaks.
enum RESPVersion {
  static let redis = "7.0.15"
}

/// The process and the machine, as INFO shows them. Any thread.
enum HostFacts {
  static let system: String = {
    var name = utsname()
    guard uname(&name) == 0 else { return "Linux" }
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
  }()

  static let memoryBytes = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))

  static let executable: String = {
    var path = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    return count > 0
      ? String(decoding: path.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
  }()

  /// Of the process. A small read of a file that is in memory.
  static var residentBytes: Int {
    let file = open("/proc/self/statm", O_RDONLY)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    let words = bytes.prefix(max(0, count)).split(separator: 32)
    guard words.count > 1 else { return 0 }
    return (Int(String(decoding: words[1], as: UTF8.self)) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
  }

  static var processorSeconds: (system: String, user: String) {
    var usage = rusage()
    guard getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0 else {
      return ("0.000000", "0.000000")
    }
    func text(_ time: timeval) -> String {
      let fraction = String(time.tv_usec)
      return "\(time.tv_sec)." + String(repeating: "0", count: max(0, 6 - fraction.count))
        + fraction
    }
    return (text(usage.ru_stime), text(usage.ru_utime))
  }
}

extension RESPSession {
  /// 40 digits that name the node.
  var runID: String { Self.nodeName(shard.place.node.rawValue) }

  /// The same for ever and everywhere, from the node's number.
  static func nodeName(_ node: UInt32) -> String {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(node)
    var digits = ""
    while digits.count < 40 {
      hash ^= hash >> 30
      hash = hash &* 0xBF58_476D_1CE4_E5B9
      hash ^= hash >> 27
      hash = hash &* 0x94D0_49BB_1331_11EB
      hash ^= hash >> 31
      let part = String(hash, radix: 16)
      digits += String(repeating: "0", count: 16 - part.count) + part
    }
    return String(digits.prefix(40))
  }
}
