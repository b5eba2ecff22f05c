import Base
import Glibc

/// How many different elements were added, estimated from 16,384 registers (Flajolet et al., 2007), in
/// the bytes that Redis keeps: a header of 16 bytes, then either six bits for each register, or runs.
struct HyperLogLog: Equatable {
  static let indexBits = 14
  static let registerCount = 1 << indexBits
  /// What is left of the hash.
  static let rankBits = 64 - indexBits
  static let headerBytes = 16
  static let denseBytes = headerBytes + registerCount * 6 / 8
  /// Runs that need more become registers.
  static let sparseBytesMax = 3_000
  private static let magic = Array("HYLL".utf8)

  enum Encoding: UInt8 { case dense, sparse }

  /// The runs do not add up to the registers.
  struct Corrupted: Error {}

  private(set) var bytes: [UInt8]

  /// Of nothing yet.
  init() {
    bytes = Self.magic + [Encoding.sparse.rawValue] + Array(repeating: 0, count: 11)
    bytes.append(contentsOf: HyperLogLogRun.zeros(Self.registerCount).bytes)
  }

  /// Nil: the string is not one.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.headerBytes, bytes.starts(with: Self.magic),
      let encoding = Encoding(rawValue: bytes[4]),
      encoding == .sparse || bytes.count == Self.denseBytes
    else { return nil }
    self.bytes = bytes
  }

  var encoding: Encoding { bytes[4] == Encoding.dense.rawValue ? .dense : .sparse }

  /// The estimate that was kept, as long as nothing has been added since.
  var cachedCount: UInt64? {
    get {
      guard bytes[15] & 0x80 == 0 else { return nil }
      return (8..<16).reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }
    set {
      guard let newValue else {
        bytes[15] |= 0x80
        return
      }
      for place in 0..<8 { bytes[8 + place] = UInt8(truncatingIfNeeded: newValue >> (8 * place)) }
    }
  }

  // MARK: Adding

  /// Which register the element belongs to, and how early the first one bit of its hash comes.
  static func place(of element: some Collection<UInt8>) -> (register: Int, rank: UInt8) {
    let hash = Murmur64.hash(element, seed: 0xADC8_3B19)
    let rest = hash >> UInt64(indexBits) | 1 << UInt64(rankBits)
    return (
      Int(truncatingIfNeeded: hash) & (registerCount - 1), UInt8(rest.trailingZeroBitCount + 1)
    )
  }

  /// True: a register has changed.
  mutating func add(_ element: some Collection<UInt8>) throws(Corrupted) -> Bool {
    let place = Self.place(of: element)
    return try raise(place.register, to: place.rank)
  }

  /// True: the register was lower.
  mutating func raise(_ register: Int, to rank: UInt8) throws(Corrupted) -> Bool {
    if encoding == .dense { return raiseDense(register, to: rank) }
    if rank <= HyperLogLogRun.rankMax, let changed = try raiseSparse(register, to: rank) {
      return changed
    }
    try makeDense()
    return raiseDense(register, to: rank)
  }

  private mutating func raiseDense(_ register: Int, to rank: UInt8) -> Bool {
    guard rank > dense(register) else { return false }
    setDense(register, rank)
    return true
  }

  private func dense(_ register: Int) -> UInt8 {
    let (byte, shift) = (Self.headerBytes + register * 6 / 8, register * 6 % 8)
    var word = UInt16(bytes[byte])
    if byte + 1 < bytes.count { word |= UInt16(bytes[byte + 1]) << 8 }
    return UInt8(word >> UInt16(shift) & 0x3F)
  }

  private mutating func setDense(_ register: Int, _ rank: UInt8) {
    let (byte, shift) = (Self.headerBytes + register * 6 / 8, register * 6 % 8)
    let (mask, value) = (UInt16(0x3F) << UInt16(shift), UInt16(rank) << UInt16(shift))
    bytes[byte] = bytes[byte] & ~UInt8(mask & 0xFF) | UInt8(value & 0xFF)
    guard shift > 2 else { return }
    bytes[byte + 1] = bytes[byte + 1] & ~UInt8(mask >> 8) | UInt8(value >> 8)
  }

  /// Nil: there is no room for it among the runs.
  private mutating func raiseSparse(_ register: Int, to rank: UInt8) throws(Corrupted) -> Bool? {
    var place = Self.headerBytes
    var previous: Int?
    var first = 0
    while true {
      guard let run = HyperLogLogRun(bytes, at: place) else { throw Corrupted() }
      if register < first + run.count { break }
      previous = place
      place += run.byteCount
      first += run.count
    }
    guard let run = HyperLogLogRun(bytes, at: place) else { throw Corrupted() }
    if run.rank >= rank { return false }
    let (before, after) = (register - first, first + run.count - 1 - register)
    var next: [UInt8] = []
    if before > 0 { next += run.of(before).bytes }
    next += HyperLogLogRun.ranks(rank, 1).bytes
    if after > 0 { next += run.of(after).bytes }
    let growth = next.count - run.byteCount
    if growth > 0, bytes.count + growth > Self.sparseBytesMax { return nil }
    bytes.replaceSubrange(place..<place + run.byteCount, with: next)
    mergeRuns(from: previous ?? Self.headerBytes)
    cachedCount = nil
    return true
  }

  /// Joins equal neighbours among the runs that a change may have touched.
  private mutating func mergeRuns(from start: Int) {
    var place = start
    var looks = 5
    while looks > 0, let run = HyperLogLogRun(bytes, at: place) {
      looks -= 1
      guard run.rank > 0, let next = HyperLogLogRun(bytes, at: place + 1), next.rank == run.rank,
        run.count + next.count <= HyperLogLogRun.rankCountMax
      else {
        place += run.byteCount
        continue
      }
      let joined = HyperLogLogRun.ranks(run.rank, run.count + next.count)
      bytes.replaceSubrange(place..<place + 2, with: joined.bytes)
    }
  }

  mutating func makeDense() throws(Corrupted) {
    if encoding == .dense { return }
    let registers = try registers()
    bytes[4] = Encoding.dense.rawValue
    bytes.removeSubrange(Self.headerBytes...)
    bytes.append(contentsOf: repeatElement(0, count: Self.denseBytes - Self.headerBytes))
    for (register, rank) in registers.enumerated() where rank > 0 { setDense(register, rank) }
  }

  // MARK: Counting

  func registers() throws(Corrupted) -> [UInt8] {
    if encoding == .dense { return (0..<Self.registerCount).map { dense($0) } }
    var registers: [UInt8] = []
    registers.reserveCapacity(Self.registerCount)
    for run in try runs() {
      registers.append(contentsOf: repeatElement(run.rank, count: run.count))
    }
    return registers
  }

  /// Of a sparse one.
  func runs() throws(Corrupted) -> [HyperLogLogRun] {
    var runs: [HyperLogLogRun] = []
    var place = Self.headerBytes
    var count = 0
    while place < bytes.count {
      guard let run = HyperLogLogRun(bytes, at: place) else { throw Corrupted() }
      runs.append(run)
      count += run.count
      place += run.byteCount
      guard count <= Self.registerCount else { throw Corrupted() }
    }
    guard count == Self.registerCount else { throw Corrupted() }
    return runs
  }

  /// The estimate from the registers (Ertl, "New cardinality estimation algorithms for HyperLogLog
  /// sketches", algorithm 6).
  static func estimate(_ registers: [UInt8]) -> UInt64 {
    var histogram = Array(repeating: 0, count: 64)
    for rank in registers { histogram[Int(rank & 0x3F)] += 1 }
    let m = Double(registerCount)
    var z = m * tau((m - Double(histogram[rankBits + 1])) / m)
    for rank in stride(from: rankBits, through: 1, by: -1) {
      z = 0.5 * (z + Double(histogram[rank]))
    }
    z += m * sigma(Double(histogram[0]) / m)
    // 1 / (2 ln 2)
    let alpha = 0.721347520444481703680
    return UInt64((alpha * m * m / z).rounded(.toNearestOrAwayFromZero))
  }

  private static func sigma(_ start: Double) -> Double {
    if start == 1 { return .infinity }
    var (x, y, z, last) = (start, 1.0, start, 0.0)
    repeat {
      x *= x
      last = z
      z += x * y
      y += y
    } while z != last
    return z
  }

  private static func tau(_ start: Double) -> Double {
    if start == 0 || start == 1 { return 0 }
    var (x, y, z, last) = (start, 1.0, 1 - start, 0.0)
    repeat {
      x = x.squareRoot()
      last = z
      y *= 0.5
      z -= (1 - x) * (1 - x) * y
    } while z != last
    return z / 3
  }
}

/// Neighbouring registers of the same value, in one byte or two: `00nnnnnn` are n+1 zeros,
/// `01nnnnnn nnnnnnnn` likewise, `1rrrrrnn` are n+1 registers of r+1.
struct HyperLogLogRun: Equatable {
  static let rankMax: UInt8 = 32
  static let rankCountMax = 4

  /// 0 to 32.
  let rank: UInt8
  let count: Int
  /// In two bytes.
  let isLong: Bool
  var byteCount: Int { isLong ? 2 : 1 }

  private init(_ rank: UInt8, _ count: Int, isLong: Bool = false) {
    self.rank = rank
    self.count = count
    self.isLong = isLong
  }

  static func zeros(_ count: Int) -> HyperLogLogRun {
    HyperLogLogRun(0, count, isLong: count > 64)
  }

  static func ranks(_ rank: UInt8, _ count: Int) -> HyperLogLogRun { HyperLogLogRun(rank, count) }

  /// The same of other length.
  func of(_ count: Int) -> HyperLogLogRun {
    rank == 0 ? Self.zeros(count) : Self.ranks(rank, count)
  }

  var bytes: [UInt8] {
    let length = count - 1
    if rank > 0 { return [0x80 | (rank - 1) << 2 | UInt8(length)] }
    return isLong ? [0x40 | UInt8(length >> 8), UInt8(length & 0xFF)] : [UInt8(length)]
  }

  /// Nil: none is there whole.
  init?(_ bytes: [UInt8], at place: Int) {
    guard place < bytes.count else { return nil }
    let byte = bytes[place]
    if byte & 0x80 != 0 {
      self.init(byte >> 2 & 0x1F + 1, Int(byte & 3) + 1)
    } else if byte & 0x40 == 0 {
      self.init(0, Int(byte & 0x3F) + 1)
    } else {
      guard place + 1 < bytes.count else { return nil }
      self.init(0, (Int(byte & 0x3F) << 8 | Int(bytes[place + 1])) + 1, isLong: true)
    }
  }
}

/// MurmurHash64A (Appleby), which Redis hashes elements with.
enum Murmur64 {
  static func hash(_ data: some Collection<UInt8>, seed: UInt64) -> UInt64 {
    let multiplier: UInt64 = 0xC6A4_A793_5BD1_E995
    var hash = seed ^ UInt64(data.count) &* multiplier
    var word: UInt64 = 0
    var filled: UInt64 = 0
    for byte in data {
      word |= UInt64(byte) << (8 * filled)
      filled += 1
      guard filled == 8 else { continue }
      word &*= multiplier
      word ^= word >> 47
      word &*= multiplier
      hash = (hash ^ word) &* multiplier
      (word, filled) = (0, 0)
    }
    if filled > 0 { hash = (hash ^ word) &* multiplier }
    hash ^= hash >> 47
    hash &*= multiplier
    return hash ^ hash >> 47
  }
}
