import Base
import Catalog
import Reactor
import WAL

/// One partition of one table's change stream on one replica. Lives on: its tablet's shard.
///
/// Records enter when their entries are applied, into a batch in memory; batches are appended to the
/// newest segment file, one write at a time, and synced before a checkpoint lets go of the log that they
/// were made of. So after a crash what is missing at the end of the files comes again out of the log: the
/// same records with the same offsets, which are counted from the checkpoint on.
///
///     earliest ─────────── stored ───────── next
///       segments, on disk  │ writing │ open │     (the two in memory)
final class PartitionStream {
  let key: StreamKey
  let tablet: TabletID
  /// Not the tablet: what is under way on files may end after the replica has gone.
  unowned let shard: NodeShard
  /// The next record's offset: how far applying has come.
  private(set) var next: Int64
  /// Files have all records below, from `earliest` on. Beyond `next` while the log is read again.
  private(set) var stored: Int64
  /// What this replica had no records of below: where it began.
  private(set) var base: Int64
  /// In order; the last one is appended to, if this process has made it.
  private(set) var segments: [ChangeSegment] = []
  /// Of all records so far, those that are gone included.
  private(set) var newest = Timestamp.zero
  private(set) var term = Term.zero

  /// On its way into a file, and what follows.
  private(set) var writing: ChangeBatch?
  private(set) var open: ChangeBatch?
  /// The last segment's, where it was made here.
  private var file: (any File)?
  /// The next batch begins a segment, whatever room is left.
  private var mustRoll = false
  /// A segment ends before it is larger.
  private var rollBytes = Int.max
  private var isRetiring = false
  private var isRetrySet = false
  /// Completions of what was begun before count for nothing.
  private(set) var epoch = 0
  /// No other replica has records from before `base`.
  var isHistoryWhole = false
  /// Who waits for records to be in files.
  private var storedWaiters: [(offset: Int64, body: (Result<Void, WALError>) -> Void)] = []
  /// Who waits for the next record, in any order.
  private var followers: [Int: () -> Void] = [:]
  private var lastFollower = 0
  private var isWakeSet = false
  /// Wall clock when the last segment was made, nanoseconds.
  private var rolledAt: UInt64 = 0

  static let retryMilliseconds = 500

  init(_ key: StreamKey, _ log: ChangeLog, image: StreamImage? = nil) {
    self.key = key
    tablet = log.tablet
    shard = log.shard
    next = image?.next ?? 0
    base = image?.base ?? 0
    stored = base
    newest = image?.newest ?? .zero
    term = image?.term ?? .zero
  }

  var image: StreamImage {
    StreamImage(key: key, next: next, base: base, newest: newest, term: term)
  }

  /// The first record that is kept; `next` where none is.
  var earliest: Int64 {
    min(segments.first?.first ?? writing?.first ?? open?.first ?? next, next)
  }

  /// It began with a split's child or with a snapshot, and nothing has been let go since.
  var hasAllSinceItBegan: Bool { earliest == base && base > 0 }

  /// Of files.
  var bytes: Int { segments.reduce(0) { $0 + $1.bytes } }
  private var pendingBytes: Int { (writing?.bytes ?? 0) + (open?.bytes ?? 0) }

  // MARK: Records

  /// An entry that has committed makes this record.
  func append(_ record: ChangeRecordCodec.Source) {
    let offset = next
    next += 1
    defer {
      newest = max(newest, record.timestamp)
      term = record.term
    }
    // Read again out of the log.
    if offset < stored { return }
    if open == nil { open = ChangeBatch(first: offset, newestBefore: newest, termBefore: term) }
    let before = open?.bytes ?? 0
    open?.add(record)
    let after = open?.bytes ?? 0
    shard.changeWriter.grew(after - before)
    if after >= ChangeWriter.batchBytes {
      flush()
    } else if before == 0 {
      shard.changeIsPending(self)
    }
    wakeFollowers()
  }

  /// Where it begins, before it has any record: a split's child goes on where its parent ended.
  func begin(at offset: Int64, newest: Timestamp, term: Term) {
    guard segments.isEmpty, open == nil, writing == nil, next == base else { return }
    next = offset
    base = offset
    stored = offset
    self.newest = max(self.newest, newest)
    self.term = max(self.term, term)
  }

  /// A leader's snapshot has taken this replica to where the image says. What is between is not here.
  func install(_ image: StreamImage) throws(WALError) {
    let end = max(next, stored)
    newest = image.newest
    term = image.term
    if end >= image.next {
      next = image.next
      return
    }
    try discard()
    next = image.next
    base = image.next
    stored = image.next
  }

  /// What was before has come from another replica: a segment that ends where the records here begin.
  func prepend(_ segment: ChangeSegment) {
    invariant(
      segment.end == earliest && earliest == base,
      "records up to \(segment.end) come before \(earliest), since \(base)")
    segments.insert(segment, at: 0)
    base = segment.first
  }

  func has(_ segment: ChangeSegment) -> Bool { segments.contains { $0 === segment } }

  /// The same records, but for those that later ones replace. Not of the last segment.
  func replace(_ old: ChangeSegment, with new: ChangeSegment) {
    guard let place = segments.firstIndex(where: { $0 === old }), place < segments.count - 1 else {
      fatalError("invariant: a segment that is not there is replaced")
    }
    new.end = old.end
    new.newest = old.newest
    new.term = old.term
    segments[place] = new
  }

  /// Lets all records go that this replica has.
  private func discard() throws(WALError) {
    letGo()
    isHistoryWhole = false
    let gone = segments
    segments = []
    for segment in gone { try shard.removeChangeFile(segment.path) }
    if !gone.isEmpty { try shard.syncChangeDirectory() }
  }

  // MARK: Waiting for records

  /// Runs `body` once when a record has come, or this replica leads no more. The token takes it back.
  func follow(_ body: @escaping () -> Void) -> Int {
    lastFollower += 1
    followers[lastFollower] = body
    return lastFollower
  }

  func leave(_ token: Int) { followers[token] = nil }

  /// At the turn's end, once for all records of the turn.
  func wakeFollowers() {
    guard !followers.isEmpty, !isWakeSet else { return }
    isWakeSet = true
    shard.reactor.after(nanoseconds: 0) { [weak self] in
      guard let self else { return }
      isWakeSet = false
      let woken = followers.sorted { $0.key < $1.key }
      followers = [:]
      for follower in woken { follower.value() }
    }
  }
}

// MARK: - Files

extension PartitionStream {
  /// What was found at the start.
  func recovered(_ segments: [ChangeSegment]) {
    guard let last = segments.last else { return }
    self.segments = segments
    stored = last.end
    base = min(base, segments[0].first)
  }

  /// Writes what has gathered, unless a write is under way.
  func flush() {
    guard writing == nil, !isRetiring, let batch = open else { return }
    open = nil
    writing = batch
    write(batch)
  }

  private func write(_ batch: ChangeBatch) {
    let size = ChangeFormat.batchHeaderBytes + batch.bytes
    guard let last = segments.last, file != nil, !mustRoll,
      last.bytes + size <= min(shard.changeWriter.segmentBytes, rollBytes)
    else { return roll(batch) }
    let place = last.bytes
    put(batch, [], at: place, in: last)
  }

  /// The segment that ends is synced before the next one gets anything: of several only the last may
  /// be torn.
  private func roll(_ batch: ChangeBatch) {
    let ending = segments.filter { !$0.isSynced }
    if ending.isEmpty { return begin(batch) }
    let epoch = epoch
    syncSegments(ending[...], isRolling: true) { [self] result in
      guard epoch == self.epoch else { return }
      if case .failure(let fault) = result { return retry(fault) }
      begin(batch)
    }
  }

  private func begin(_ batch: ChangeBatch) {
    closeFile()
    mustRoll = false
    let header = SegmentHeader(
      tablet: tablet, key: key, first: batch.first, newestBefore: batch.newestBefore,
      termBefore: batch.termBefore)
    do throws(IOFault) {
      let (made, segment, bytes) = try makeSegment(header)
      file = made
      segments.append(segment)
      put(batch, bytes, at: 0, in: segment)
    } catch {
      retry(.io(error))
    }
  }

  private func makeSegment(_ header: SegmentHeader) throws(IOFault) -> (
    file: any File, segment: ChangeSegment, bytes: [UInt8]
  ) {
    let (bytes, seed) = ChangeFormat.encode(header)
    let path =
      shard.changeWriter.directory + "/" + ChangeFiles.name(tablet, key, first: header.first)
    let made = try shard.reactor.fileSystem.open(path, create: true, direct: false)
    try made.truncate(to: 0)
    shard.changeWriter.isDirectoryChanged = true
    rolledAt = shard.wallNanoseconds()
    let segment = ChangeSegment(
      path: path, header: header, seed: seed, end: header.first, bytes: 0, isSynced: false)
    return (made, segment, bytes)
  }

  private func put(
    _ batch: ChangeBatch, _ front: [UInt8], at place: Int, in segment: ChangeSegment
  ) {
    let start = place + front.count
    let head = batch.body.bytes.withUnsafeBytes {
      ChangeFormat.encode(batch.header, $0, at: start, seed: segment.seed)
    }
    let size = front.count + head.count + batch.bytes
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
    memory.copyBytes(from: front)
    UnsafeMutableRawBufferPointer(rebasing: memory[front.count...]).copyBytes(from: head)
    UnsafeMutableRawBufferPointer(rebasing: memory[(front.count + head.count)...]).copyBytes(
      from: batch.body.bytes)
    segment.isSynced = false
    let epoch = epoch
    file?.write(UnsafeRawBufferPointer(memory), at: place) { [self] result in
      memory.deallocate()
      guard epoch == self.epoch else { return }
      if case .failure(let fault) = result {
        // A segment that was only begun is begun again.
        if segment.bytes == 0 {
          segments.removeLast()
          closeFile()
        }
        return retry(.io(fault))
      }
      segment.note(batch.first, at: start)
      segment.bytes = place + size
      segment.end = batch.last + 1
      segment.newest = max(segment.newest, batch.newest)
      segment.term = batch.term
      written(batch)
    }
  }

  private func written(_ batch: ChangeBatch) {
    stored = batch.last + 1
    writing = nil
    shard.changeWriter.fault = nil
    shard.changeWriter.grew(-batch.bytes)
    let ready = storedWaiters.filter { $0.offset <= stored }
    storedWaiters.removeAll { $0.offset <= stored }
    for waiter in ready { waiter.body(.success(())) }
    if !storedWaiters.isEmpty || open?.bytes ?? 0 >= ChangeWriter.batchBytes {
      flush()
    } else if open != nil {
      shard.changeIsPending(self)
    }
  }

  /// The disk has no room, or will not write: the same again a while later. Records stay in memory
  /// meanwhile, and where those are too many, writes are refused (`ChangeWriter`).
  private func retry(_ fault: WALError) {
    shard.changeWriter.fault = fault
    let failed = storedWaiters
    storedWaiters = []
    for waiter in failed { waiter.body(.failure(fault)) }
    guard !isRetrySet else { return }
    isRetrySet = true
    shard.reactor.after(milliseconds: Self.retryMilliseconds) { [weak self] in
      guard let self else { return }
      isRetrySet = false
      if let batch = writing { write(batch) }
    }
  }

  /// Runs `body` when files have all records that there are now, on disk for certain.
  func sync(_ body: @escaping (Result<Void, WALError>) -> Void) {
    whenStored(next) { [self] result in
      if case .failure = result { return body(result) }
      syncSegments(segments.filter { !$0.isSynced }[...], body)
    }
  }

  private func whenStored(_ offset: Int64, _ body: @escaping (Result<Void, WALError>) -> Void) {
    if stored >= offset { return body(.success(())) }
    storedWaiters.append((offset, body))
    flush()
  }

  /// `isRolling`: the write under way waits for this.
  private func syncSegments(
    _ rest: ArraySlice<ChangeSegment>, isRolling: Bool = false,
    _ body: @escaping (Result<Void, WALError>) -> Void
  ) {
    guard let segment = rest.first else { return body(.success(())) }
    let isCurrent = segment === segments.last && file != nil
    let opened: any File
    do throws(IOFault) {
      if isCurrent, let file {
        opened = file
      } else {
        opened = try shard.reactor.fileSystem.open(segment.path, create: false, direct: false)
      }
    } catch {
      return body(.failure(.io(error)))
    }
    let bytes = segment.bytes
    let epoch = epoch
    opened.sync { [self] result in
      if !isCurrent { opened.close() }
      guard epoch == self.epoch else { return body(.failure(Self.overtaken)) }
      if case .failure(let fault) = result {
        shard.tablets[tablet]?.changes.failed(.io(fault))
        return body(.failure(.io(fault)))
      }
      if segment.bytes == bytes && (!isCurrent || writing == nil || isRolling) {
        segment.isSynced = true
      }
      syncSegments(rest.dropFirst(), isRolling: isRolling, body)
    }
  }

  private static let overtaken = WALError.io(
    IOFault(errno: 0, operation: "sync a change stream that has begun anew"))

  private func closeFile() {
    file?.close()
    file = nil
  }
}

// MARK: - Letting go

extension PartitionStream {
  /// Drops the segments that need not be kept. The last one stays: it knows the end.
  func retain(_ stream: ChangeStreamDescriptor, now: UInt64) throws(WALError) {
    if let seconds = stream.retentionSeconds {
      let age = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
      let kept = age.overflow ? UInt64.max : age.partialValue
      // A segment goes as a whole: one that fills slowly ends early, so that it goes in time.
      if file != nil, now > rolledAt, now - rolledAt > kept / Self.segmentsInRetention {
        mustRoll = true
      }
      while segments.count > 1,
        segments[1].header.newestBefore.rawValue < now - min(now, kept)
      {
        try dropFirst()
      }
    }
    if stream.isCompacted, file != nil, now > rolledAt, now - rolledAt > Self.compactedRoll {
      mustRoll = true
    }
    if let limit = stream.retentionBytes {
      rollBytes = Int(clamping: max(limit / 4, Self.rollBytesMin))
      while segments.count > 1, Int64(bytes - segments[0].bytes) >= limit {
        try dropFirst()
      }
    }
  }

  private static let segmentsInRetention: UInt64 = 8
  private static let rollBytesMin: Int64 = 16 << 10
  /// The last segment is not compacted: one that fills slowly ends after an hour, in nanoseconds.
  private static let compactedRoll: UInt64 = 3_600_000_000_000

  private func dropFirst() throws(WALError) {
    let segment = segments.removeFirst()
    try shard.removeChangeFile(segment.path)
  }

  /// Lets all records go: the table has no stream any more, or is gone. An empty segment keeps what
  /// counts: where the offsets go on.
  func retire() {
    guard writing == nil, open == nil, !isRetiring, let last = segments.last,
      segments.count > 1 || last.end > last.first
    else { return }
    isRetiring = true
    closeFile()
    let header = SegmentHeader(
      tablet: tablet, key: key, first: stored, newestBefore: last.newest, termBefore: last.term)
    let epoch = epoch
    do throws(IOFault) {
      let (made, segment, bytes) = try makeSegment(header)
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
      memory.copyBytes(from: bytes)
      made.write(UnsafeRawBufferPointer(memory), at: 0) { [self] result in
        memory.deallocate()
        guard case .success = result else { return retired(nil, made, epoch) }
        made.sync { result in
          guard case .success = result else { return self.retired(nil, made, epoch) }
          segment.bytes = bytes.count
          segment.isSynced = true
          self.retired(segment, made, epoch)
        }
      }
    } catch {
      // Tried again with the next look at what is kept.
      isRetiring = false
    }
  }

  private func retired(_ segment: ChangeSegment?, _ made: any File, _ epoch: Int) {
    made.close()
    isRetiring = false
    guard epoch == self.epoch else { return }
    defer { flush() }
    guard let segment else { return }
    do throws(WALError) {
      try shard.syncChangeDirectory()
      let gone = segments
      segments = [segment]
      for old in gone { try shard.removeChangeFile(old.path) }
    } catch {
      shard.changeWriter.fault = error
    }
  }

  /// The replica is gone.
  func close() {
    letGo()
    wakeFollowers()
  }

  /// Of what is in memory, and of what is under way.
  private func letGo() {
    epoch += 1
    shard.changeWriter.grew(-pendingBytes)
    writing = nil
    open = nil
    closeFile()
    let waiters = storedWaiters
    storedWaiters = []
    for waiter in waiters { waiter.body(.failure(Self.overtaken)) }
  }
}
