import Base
import Testing

@testable import Storage

/// Everything that was ever written, kept plainly: what the store must agree with.
private struct Model {
  struct Version {
    var timestamp: UInt64
    var index: UInt64
    var value: [UInt8]?
  }
  var versions: [[UInt8]: [Version]] = [:]
  var intents: [[UInt8]: (transaction: UInt64, value: [UInt8]?)] = [:]

  func visible(_ key: [UInt8], at time: UInt64, reader: UInt64?) -> [UInt8]? {
    if let intent = intents[key], intent.transaction == reader { return intent.value }
    return versions[key]?.last { $0.timestamp <= time }?.value
  }

  mutating func add(_ key: [UInt8], _ version: Version) {
    var list = versions[key, default: []]
    let slot = list.firstIndex { $0.timestamp > version.timestamp } ?? list.count
    list.insert(version, at: slot)
    versions[key] = list
  }

  mutating func undo(above index: UInt64) {
    for key in versions.keys { versions[key]?.removeAll { $0.index > index } }
  }
}

private let space = KeyspaceID(rawValue: 1)

private func id(_ raw: UInt64?) -> TransactionID? { raw.map { TransactionID(rawValue: $0) } }
private func time(_ raw: UInt64) -> Timestamp { Timestamp(rawValue: raw) }

extension Store {
  fileprivate func value(_ key: [UInt8], at raw: UInt64, reader: UInt64?) -> [UInt8]? {
    key.withUnsafeBytes { bytes in
      get(space, bytes, at: time(raw), reader: id(reader)) { found in
        found.value.map { Array($0) }
      }
    }
  }

  fileprivate func keys(
    from lower: [UInt8], to upper: [UInt8], reverse: Bool, at raw: UInt64, reader: UInt64?
  ) -> [[UInt8]] {
    var keys: [[UInt8]] = []
    lower.withUnsafeBytes { from in
      upper.withUnsafeBytes { to in
        scan(
          space, from: .inclusive(from), to: .exclusive(to), reverse: reverse, at: time(raw),
          reader: id(reader)
        ) { key, found in
          if found.value != nil { keys.append(Array(key)) }
          return .next
        }
      }
    }
    return keys
  }

  fileprivate func write(_ key: [UInt8], _ value: [UInt8]?, at stamp: UInt64, index: UInt64) {
    key.withUnsafeBytes { bytes in
      guard let value else {
        return put(
          space, bytes, value: nil, at: time(stamp), index: LogIndex(rawValue: index))
      }
      value.withUnsafeBytes {
        put(space, bytes, value: $0, at: time(stamp), index: LogIndex(rawValue: index))
      }
    }
  }

  /// What a look at every chain finds in the keyspace.
  fileprivate var walkedUse: KeyspaceUse? {
    guard let tree = tree(space) else { return nil }
    var use = KeyspaceUse(
      keys: 0, versions: 0, intents: 0, contentBytes: 0, memoryBytes: tree.bytes)
    tree.visit(from: .unbounded, to: .unbounded, reverse: false) { head in
      use.keys += 1
      var current: Storage.Version? = head
      while let version = current {
        current = version.older
        if version.isIntent { use.intents += 1 } else { use.versions += 1 }
        use.contentBytes += version.keyCount + version.valueCount
      }
      return .next
    }
    return use
  }

  fileprivate func intend(_ key: [UInt8], _ value: [UInt8]?, by transaction: UInt64) {
    _ = key.withUnsafeBytes { bytes in
      guard let value else {
        return setIntent(
          space, bytes, value: nil, transaction: TransactionID(rawValue: transaction))
      }
      return value.withUnsafeBytes {
        setIntent(space, bytes, value: $0, transaction: TransactionID(rawValue: transaction))
      }
    }
  }
}

@Suite struct StoreModelTests {
  /// Random writes, intents, undos and reads; small nodes reach every layout with few keys.
  @Test(arguments: [4, 5, 8, 64])
  func `the store agrees with a list of everything written`(nodeCapacity: Int) {
    for seed in UInt64(1)...20 {
      let memory = MemoryAccount()
      do {
        let store = Store(memory: memory, nodeCapacity: nodeCapacity)
        exercise(store, seed: seed)
      }
      #expect(memory.usedBytes == 0, "seed \(seed): memory is left")
    }
  }

  private func exercise(_ store: Store, seed: UInt64) {
    var random = Xoshiro256(seed: seed)
    var model = Model()
    var clock: UInt64 = 100
    var index: UInt64 = 0
    var settled: UInt64 = 0
    var horizon: UInt64 = 0
    func key() -> [UInt8] {
      // One is written all the time.
      if Int.random(in: 0..<5, using: &random) == 0 { return [3, 3, 3] }
      let number = Int.random(in: 0..<80, using: &random)
      let count = number == 79 ? 700 : number % 12 * (number % 5)
      return Array(repeating: UInt8(number % 7), count: count) + [UInt8(number)]
    }
    // Many begin alike, as rows of one collection do.
    func value(_ step: Int) -> [UInt8] {
      let count = [1, 1, 2, 3, 30, 400, 3_000][Int.random(in: 0..<7, using: &random)]
      let start = Array(repeating: UInt8(5), count: Int.random(in: 0..<3, using: &random) * 12)
      return start + Array(repeating: UInt8(step % 256), count: count)
    }
    for step in 0..<600 {
      let chosen = key()
      clock += 2
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4 where model.intents[chosen] == nil:
        index += 1
        let value: [UInt8]? = Int.random(in: 0..<4, using: &random) > 0 ? value(step) : nil
        // Odd timestamps are of the past.
        let isLate = Int.random(in: 0..<6, using: &random) == 0
        let stamp = isLate ? clock - UInt64.random(in: 0...10, using: &random) * 2 - 1 : clock
        guard stamp > horizon,
          model.versions[chosen]?.contains(where: { $0.timestamp == stamp }) != true
        else { continue }
        store.write(chosen, value, at: stamp, index: index)
        model.add(chosen, Model.Version(timestamp: stamp, index: index, value: value))
      case 4, 5:
        let transaction = model.intents[chosen]?.transaction ?? UInt64(step + 1_000)
        let value: [UInt8]? =
          Int.random(in: 0..<4, using: &random) == 0 ? nil : value(step)
        store.intend(chosen, value, by: transaction)
        model.intents[chosen] = (transaction, value)
      case 6:
        guard let intent = model.intents.removeValue(forKey: chosen) else { continue }
        let commits = Bool.random(using: &random)
        index += commits ? 1 : 0
        _ = chosen.withUnsafeBytes { bytes in
          store.resolveIntent(
            space, bytes, transaction: TransactionID(rawValue: intent.transaction),
            commitAt: commits ? time(clock) : nil, index: LogIndex(rawValue: index))
        }
        if commits {
          model.add(chosen, Model.Version(timestamp: clock, index: index, value: intent.value))
        }
      case 7:
        settled = UInt64.random(in: settled...index, using: &random)
        store.settle(upTo: LogIndex(rawValue: settled))
        if Int.random(in: 0..<4, using: &random) == 0 {
          store.undo(above: LogIndex(rawValue: settled))
          model.undo(above: settled)
        }
      case 8:
        if Int.random(in: 0..<3, using: &random) == 0 {
          horizon = UInt64.random(in: horizon...clock, using: &random)
        }
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          store.collectGarbage(below: time(horizon), budget: Int.random(in: 1...60, using: &random))
        }
      default: compareScan(store, model, horizon, clock, seed, &random, key(), key())
      }
      let moment = UInt64.random(in: horizon...clock + 1, using: &random)
      let reader = model.intents[chosen]?.transaction
      #expect(
        store.value(chosen, at: moment, reader: reader)
          == model.visible(chosen, at: moment, reader: reader), "seed \(seed) step \(step)")
      if step % 20 == 0 {
        #expect(store.use(of: space) == store.walkedUse, "seed \(seed) step \(step)")
      }
    }
    #expect(store.use(of: space) == store.walkedUse, "seed \(seed)")
    #expect(store.use(of: space)?.intents == model.intents.count, "seed \(seed)")
  }

  private func compareScan(
    _ store: Store, _ model: Model, _ horizon: UInt64, _ clock: UInt64, _ seed: UInt64,
    _ random: inout Xoshiro256, _ a: [UInt8], _ b: [UInt8]
  ) {
    let (lower, upper) = a.lexicographicallyPrecedes(b) ? (a, b) : (b, a)
    let moment = UInt64.random(in: horizon...clock, using: &random)
    let all = Set(model.versions.keys).union(model.intents.keys)
    let expected = all.filter { key in
      !key.lexicographicallyPrecedes(lower) && key.lexicographicallyPrecedes(upper)
        && model.visible(key, at: moment, reader: nil) != nil
    }.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(
      store.keys(from: lower, to: upper, reverse: false, at: moment, reader: nil) == expected,
      "seed \(seed)")
    #expect(
      store.keys(from: lower, to: upper, reverse: true, at: moment, reader: nil)
        == expected.reversed(), "seed \(seed)")
  }

  @Test func `garbage collection keeps what can still be read`() {
    let store = Store(memory: MemoryAccount())
    for stamp in UInt64(1)...100 { store.write([1], [UInt8(stamp)], at: stamp, index: stamp) }
    store.write([2], nil, at: 101, index: 101)
    store.settle(upTo: LogIndex(rawValue: 101))
    let before = store.bytes
    for _ in 0..<10 { _ = store.collectGarbage(below: time(90), budget: 1_000) }
    #expect(store.value([1], at: 90, reader: nil) == [90])
    #expect(store.value([1], at: 95, reader: nil) == [95])
    #expect(store.value([1], at: 200, reader: nil) == [100])
    #expect(store.bytes < before / 2)
  }
}
