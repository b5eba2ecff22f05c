#if canImport(Glibc)
  import Glibc
#endif

/// A time zone: a fixed offset, or the rules of a file under /usr/share/zoneinfo (TZif version 2+,
/// RFC 8536) with the POSIX rule of its footer for the years beyond.
public final class TimeZone: Sendable {
  struct Local: Sendable, Hashable {
    var secondsEast: Int
    var isDaylight: Bool
    var abbreviation: String
  }

  /// As the setting TimeZone shows it.
  public let name: String
  private let transitions: [Int64]
  private let indices: [UInt8]
  private let locals: [Local]
  private let rule: PosixZone?

  public static let utc = TimeZone(name: "UTC", secondsEast: 0, abbreviation: "UTC")

  public init(name: String, secondsEast: Int, abbreviation: String) {
    self.name = name
    transitions = []
    indices = []
    locals = [Local(secondsEast: secondsEast, isDaylight: false, abbreviation: abbreviation)]
    rule = nil
  }

  init(name: String, transitions: [Int64], indices: [UInt8], locals: [Local], rule: PosixZone?) {
    self.name = name
    self.transitions = transitions
    self.indices = indices
    self.locals = locals
    self.rule = rule
  }

  private func local(atUnix seconds: Int64) -> Local {
    guard let last = transitions.last, let first = transitions.first else {
      return rule?.local(atUnix: seconds) ?? locals[0]
    }
    if seconds < first { return locals.first { !$0.isDaylight } ?? locals[0] }
    if seconds >= last, let rule { return rule.local(atUnix: seconds) }
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    return locals[Int(indices[low - 1])]
  }

  /// Seconds east of Greenwich at a moment (microseconds since 2000-01-01 UTC).
  public func secondsEast(at timestamp: Int64) -> Int {
    local(atUnix: Self.unix(timestamp)).secondsEast
  }

  public func abbreviation(at timestamp: Int64) -> String {
    local(atUnix: Self.unix(timestamp)).abbreviation
  }

  /// Seconds east for a local time (microseconds since 2000-01-01 local). Times that occur twice or
  /// never take standard time's offset, as in PostgreSQL.
  public func secondsEast(atLocal timestamp: Int64) -> Int {
    let seconds = Self.unix(timestamp)
    let before = local(atUnix: seconds - 86_400).secondsEast
    let after = local(atUnix: seconds + 86_400).secondsEast
    if before == after { return before }
    let fitsBefore = local(atUnix: seconds - Int64(before)).secondsEast == before
    let fitsAfter = local(atUnix: seconds - Int64(after)).secondsEast == after
    if fitsBefore && !fitsAfter { return before }
    if fitsAfter && !fitsBefore { return after }
    // A gap or an overlap: the smaller offset is standard time.
    return min(before, after)
  }

  private static func unix(_ timestamp: Int64) -> Int64 {
    let (days, time) = Calendar.split(timestamp)
    return Int64(days) * 86_400 + time / 1_000_000 + Calendar.epochOffsetSeconds
  }

  /// A zone by name: `UTC`, an Olson name in any case, `+05:30`-like offsets (hours east), POSIX
  /// strings (`EST5EDT`), or an abbreviation. Nil when unknown. Reads a file: not for hot paths.
  public static func named(_ name: String) -> TimeZone? {
    let bytes = Array(name.utf8)
    if bytes.isEmpty || bytes.count > 255 { return nil }
    switch name.uppercased() {
    case "UTC", "Z", "ZULU", "UCT":
      return name.uppercased() == "UTC" ? utc : named(file: name) ?? utc
    default: break
    }
    if let file = named(file: name) { return file }
    if let offset = ZoneAbbreviations.offset(name) {
      return TimeZone(name: name, secondsEast: offset, abbreviation: name.uppercased())
    }
    if let posix = PosixZone.parse(bytes) {
      return TimeZone(
        name: name, transitions: [], indices: [], locals: [posix.standard], rule: posix)
    }
    return nil
  }

  private static func named(file name: String) -> TimeZone? {
    let allowed = name.utf8.allSatisfy {
      ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == 47 || $0 == 95 || $0 == 45 || $0 == 43
    }
    guard allowed, !name.hasPrefix("/"), !name.contains("//"), !name.contains("..") else {
      return nil
    }
    var candidates = [name]
    let lowered = name.lowercased()
    candidates.append(
      lowered.split(separator: "/").map { part in
        part.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
          .joined(separator: "_")
      }.joined(separator: "/"))
    candidates.append(name.uppercased())
    for candidate in candidates {
      if let data = read("/usr/share/zoneinfo/" + candidate),
        let zone = ZoneFile.parse(data, name: candidate)
      {
        return zone
      }
    }
    return nil
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var data = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&data, 1, data.count, file)
    return count > 0 && count < data.count ? Array(data[..<count]) : nil
  }
}

/// The abbreviations of PostgreSQL's default set that are in common use; seconds east.
enum ZoneAbbreviations {
  private static let hours: [String: Double] = [
    "utc": 0, "gmt": 0, "z": 0, "zulu": 0, "uct": 0, "ut": 0, "wet": 0, "west": 1, "bst": 1,
    "cet": 1, "cest": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "msd": 4, "est": -5,
    "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9,
    "akdt": -8, "hst": -10, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5, "jst": 9, "kst": 9,
    "sgt": 8, "hkt": 8, "ist": 2, "idt": 3, "pkt": 5, "awst": 8, "acst": 9.5, "acdt": 10.5,
    "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "brt": -3, "art": -3,
  ]
  static func offset(_ name: String) -> Int? {
    hours[name.lowercased()].map { Int($0 * 3_600) }
  }
}
