import Base
import Reactor
import WAL

/// Reading records, from files and from memory.
extension PartitionStream {
  /// Records from `start` on: at least one where there is one, then as many as fit `maxBytes`.
  func read(from start: Int64, maxBytes: Int) async throws(WALError) -> ChangeRecords {
    var found = ChangeRecords()
    var place = max(start, earliest)
    while place < next {
      if place >= stored {
        try readMemory(from: place, maxBytes: maxBytes, into: &found)
        break
      }
      guard let segment = segment(holding: place) else { break }
      if try await read(segment, from: place, maxBytes: maxBytes, into: &found) { break }
      // Of a compacted segment the last records may be gone.
      place = max(place + 1, segment.end)
    }
    return found
  }

  private func readMemory(from place: Int64, maxBytes: Int, into found: inout ChangeRecords)
    throws(WALError)
  {
    do throws(DecodingFault) {
      if try writing?.read(from: place, maxBytes: maxBytes, into: &found) ?? false { return }
      let next = found.lastOffset.map { $0 + 1 } ?? place
      _ = try open?.read(from: max(place, next), maxBytes: maxBytes, into: &found)
    } catch {
      fatalError("invariant: a record in memory cannot be read: \(error)")
    }
  }

  /// The one whose records come at or before the offset.
  private func segment(holding offset: Int64) -> ChangeSegment? {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].first <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? segments[low - 1] : nil
  }

  /// The one that has the offset, or where its records are gone, that of the next one; nil where what is there
  /// and behind is in memory. Segments come and go while others are read: none is remembered.
  private func segment(from place: inout Int64) -> ChangeSegment? {
    place = max(place, segments.first?.first ?? stored)
    return place < stored ? segment(holding: place) : nil
  }

  /// True: there is no room for the next one.
  private func read(
    _ segment: ChangeSegment, from start: Int64, maxBytes: Int, into found: inout ChangeRecords
  ) async throws(WALError) -> Bool {
    let walk = try SegmentWalk(segment, shard.reactor.fileSystem, from: start)
    while let batch = try await walk.next() {
      if batch.last < start { continue }
      let body = try await walk.body()
      do throws(DecodingFault) {
        if try found.take(body, base: batch.first, from: start, maxBytes: maxBytes) { return true }
      } catch {
        throw walk.damage
      }
    }
    return false
  }

  /// The first kept record that committed at the time or later; nil where there is none.
  func first(at timestamp: Timestamp) async throws(WALError) -> ChangeRecord? {
    if newest < timestamp { return nil }
    // Before a segment whose earlier records are all older there is nothing to find.
    let begin = segments.lastIndex { $0.header.newestBefore < timestamp } ?? 0
    var place = begin < segments.count ? segments[begin].first : stored
    while let segment = segment(from: &place) {
      let walk = try SegmentWalk(segment, shard.reactor.fileSystem, from: segment.first)
      while let batch = try await walk.next() {
        if batch.newest < timestamp { continue }
        if let record = try await walk.records().first(where: { $0.timestamp >= timestamp }) {
          return record
        }
      }
      place = max(place + 1, segment.end)
    }
    var found = ChangeRecords()
    try readMemory(from: place, maxBytes: .max, into: &found)
    return found.first { $0.timestamp >= timestamp }
  }

  /// The newest term at or below the given one that has kept records, and the offset behind its last.
  func end(upTo term: Term) async throws(WALError) -> (term: Term, end: Int64)? {
    var last: (term: Term, end: Int64)?
    let begin = segments.lastIndex { $0.header.termBefore <= term } ?? 0
    var place = begin < segments.count ? segments[begin].first : stored
    while let segment = segment(from: &place) {
      let before = segment.header
      if last == nil, before.termBefore > .zero, before.termBefore <= term, before.first > earliest
      {
        last = (before.termBefore, before.first)
      }
      let walk = try SegmentWalk(segment, shard.reactor.fileSystem, from: segment.first)
      while let batch = try await walk.next() {
        if batch.term <= term {
          last = (batch.term, batch.last + 1)
          continue
        }
        for record in try await walk.records() where record.term <= term {
          last = (record.term, record.offset + 1)
        }
        return last
      }
      place = max(place + 1, segment.end)
    }
    var found = ChangeRecords()
    try readMemory(from: place, maxBytes: .max, into: &found)
    for record in found where record.term <= term {
      last = (record.term, record.offset + 1)
    }
    return last
  }
}

/// A walk over the batches of one segment. Lives on: its shard.
final class SegmentWalk {
  private let segment: ChangeSegment
  private let fileSystem: any FileSystem
  private var reader: SegmentReader
  /// Where the segment ended when the reader was made: what it sees behind that may still be on its way.
  private var end: Int64
  private var place: Int
  private var current: (header: BatchHeader, place: Int)?

  /// From the batch with the record on, or a few before.
  init(_ segment: ChangeSegment, _ fileSystem: any FileSystem, from offset: Int64) throws(WALError)
  {
    self.segment = segment
    self.fileSystem = fileSystem
    end = segment.end
    reader = try SegmentReader(segment, fileSystem)
    place = segment.mark(before: offset).place
  }

  var damage: WALError { .damaged(file: segment.path, offset: current?.place ?? place) }

  /// The next batch's header; nil at the segment's end.
  func next() async throws(WALError) -> BatchHeader? {
    if let last = current?.header.last, last + 1 >= segment.end { return nil }
    if segment.end == segment.first { return nil }
    if segment.end != end {
      // A batch has come meanwhile.
      end = segment.end
      reader = try SegmentReader(segment, fileSystem)
    }
    guard let bytes = try await reader.view(ChangeFormat.batchHeaderBytes, at: place) else {
      throw damage
    }
    let header: BatchHeader
    do throws(DecodingFault) {
      header = try ChangeFormat.batchHeader(bytes)
    } catch {
      throw damage
    }
    segment.note(header.first, at: place)
    current = (header, place)
    place += ChangeFormat.batchHeaderBytes + header.bodyBytes
    return header
  }

  /// The batch's records; the bytes are valid until the next call.
  func body() async throws(WALError) -> UnsafeRawBufferPointer {
    guard let (header, place) = current else { throw damage }
    let size = ChangeFormat.batchHeaderBytes + header.bodyBytes
    guard let bytes = try await reader.view(size, at: place) else { throw damage }
    let body = UnsafeRawBufferPointer(rebasing: bytes[ChangeFormat.batchHeaderBytes...])
    guard ChangeFormat.isWhole(header, bytes, body, at: place, seed: segment.seed) else {
      throw damage
    }
    return body
  }

  func records() async throws(WALError) -> [ChangeRecord] {
    guard let base = current?.header.first else { return [] }
    let body = try await body()
    var found = ChangeRecords()
    do throws(DecodingFault) {
      _ = try found.take(body, base: base, from: base, maxBytes: .max)
    } catch {
      throw damage
    }
    return Array(found)
  }
}
