import Base
import Glibc
import Reactor

@testable import KafkaRead

/// A client's connection to one node, over the simulated network: one request and one answer at a time.
/// Lives on: the clients' reactor.
final class KafkaConnection {
  private static let readBytes = 1 << 14
  private static let lengthBytes = 4

  private let reactor: any Reactor
  private let stream: Connection
  private let fault: (String) -> Void
  private var input: [UInt8] = []
  private var lastCorrelation: Int32 = 0
  private(set) var isOpen = true
  /// The session of fetches that the node keeps for this connection.
  var fetches = KafkaFetches()

  /// `fault` hears of answers that no server may give.
  init(_ stream: Connection, _ reactor: any Reactor, _ fault: @escaping (String) -> Void) {
    self.stream = stream
    self.reactor = reactor
    self.fault = fault
  }

  /// What `read` makes of the answer. Nil: there is none within the time, and the connection has ended, so
  /// that what became of the request is not known.
  func ask<Answer>(
    _ key: APIKey, _ version: Int16, within milliseconds: Int = 1_500,
    _ write: (inout MessageWriter) -> Void,
    _ read: (inout MessageReader) throws(MessageFault) -> Answer
  ) async -> Answer? {
    guard isOpen else { return nil }
    lastCorrelation += 1
    stream.write(Self.frame(key, version, lastCorrelation, write))
    let timer = reactor.after(milliseconds: milliseconds) { [self] in end() }
    defer { reactor.cancel(timer) }
    let bytes: [UInt8]
    do throws(IOFault) {
      try await stream.drain()
      bytes = try await nextFrame()
    } catch {
      end()
      return nil
    }
    do throws(MessageFault) {
      var reader = try body(bytes, key, version)
      let answer = try read(&reader)
      try reader.tags()
      guard reader.isAtEnd else { throw .malformed("\(reader.remaining) bytes too many") }
      return answer
    } catch {
      fault("the answer to \(key) cannot be read: \(error)")
      end()
      return nil
    }
  }

  private static func frame(
    _ key: APIKey, _ version: Int16, _ correlation: Int32, _ write: (inout MessageWriter) -> Void
  ) -> [UInt8] {
    var header = MessageWriter(isFlexible: false)
    header.int16(key.rawValue)
    header.int16(version)
    header.int32(correlation)
    header.nullableString("simulated")
    var out = MessageWriter(isFlexible: key.isFlexible(version))
    out.bytes = header.bytes
    out.tags()
    write(&out)
    out.tags()
    var framed = MessageWriter(isFlexible: false)
    framed.data(out.bytes)
    return framed.bytes
  }

  private func body(_ frame: [UInt8], _ key: APIKey, _ version: Int16) throws(MessageFault)
    -> MessageReader
  {
    var header = MessageReader(frame, isFlexible: key.isFlexible(version))
    let correlation = try header.int32()
    guard correlation == lastCorrelation else {
      throw .malformed("correlation \(correlation), not \(lastCorrelation)")
    }
    if key != .apiVersions { try header.tags() }
    return header
  }

  private func nextFrame() async throws(IOFault) -> [UInt8] {
    while true {
      if input.count >= Self.lengthBytes {
        let end = Self.lengthBytes + input[..<Self.lengthBytes].reduce(0) { $0 << 8 | Int($1) }
        if input.count >= end {
          defer { input.removeFirst(end) }
          return Array(input[Self.lengthBytes..<end])
        }
      }
      if try await stream.read(into: &input, atMost: Self.readBytes) == 0 {
        throw IOFault(errno: ECONNRESET, operation: "read")
      }
    }
  }

  func end() {
    guard isOpen else { return }
    isOpen = false
    stream.abort()
  }
}

/// What a client has told the node that it reads (KIP-227): it tells only what changes.
struct KafkaFetches {
  struct Wish: Equatable {
    /// Of the leader, as the client knows it.
    var epoch: Int32
    var offset: Int64
  }
  private(set) var id: Int32 = 0
  /// Of the next request; 0 begins a session.
  private(set) var epoch: Int32 = 0
  private(set) var known: [Int32: Wish] = [:]

  /// What the next request tells of.
  func news(_ wanted: [Int32: Wish]) -> (changed: [Int32], forgotten: [Int32]) {
    if epoch == 0 { return (wanted.keys.sorted(), []) }
    return (
      wanted.keys.sorted().filter { known[$0] != wanted[$0] },
      known.keys.sorted().filter { wanted[$0] == nil }
    )
  }

  mutating func answered(_ session: Int32, _ wanted: [Int32: Wish]) {
    id = session
    epoch += 1
    known = wanted
  }

  mutating func reset() { self = KafkaFetches() }
}
