import Base
import Catalog
import Fuzzing
import Node
import SQL
import SimulatedServer
import Testing
import Types

@testable import KafkaRead

/// Sessions of a simulated node.
private final class Server {
  private let server: SimulatedServer
  private let settings: KafkaSettings

  init(seed: UInt64 = 1, statements: [String] = []) {
    server = SimulatedServer(seed: seed, tabletCount: 4)
    var made = KafkaSettings()
    made.startupMilliseconds = 1_000
    settings = made
    let client = ScriptedStream(pieces: [])
    let settings = settings
    _ = server.serve([client]) { _, shard in
      {
        do {
          try await KafkaFrontEnd.ensureSchema(on: shard)
          try await Self.run(statements, shard)
        } catch {
          Issue.record("\(error)")
        }
        KafkaFrontEnd.open(
          on: shard, address: "127.0.0.1", port: 9_092, tlsPort: nil, settings: settings)
      }
    }
  }

  private static func run(_ statements: [String], _ shard: NodeShard) async throws {
    let session = SQLSession(shard: shard, user: "quatrain", environment: SessionEnvironment())
    do {
      for text in statements {
        for statement in try session.parse(Array(text.utf8)) {
          let portal = try session.bind(statement, values: [])
          _ = try await session.execute(portal, maximumRows: 0, isAlone: true) { _ in true }
        }
        // A node without a cluster has no feature level, which ALTER TABLE wants.
        if text.hasPrefix("CREATE TABLE") { try await session.define(addStreams) }
        try await session.sync(failed: false)
      }
    } catch {
      try await session.sync(failed: true)
      await session.close()
      throw error
    }
    await session.close()
  }

  private static func addStreams(_ catalog: inout CatalogSnapshot) throws(SQLError) {
    for case .table(var table) in catalog.sortedObjects where table.name == "t" {
      table.options[ChangeStreamDescriptor.option] = "on"
      table.options[ChangeStreamDescriptor.partitionsOption] = "1"
      catalog.put(.table(table))
    }
  }

  /// The responses to the requests, in order: correlation and body.
  func ask(
    _ requests: [[UInt8]], pieceBytes: Int = 1 << 20, from peer: String = "127.0.0.1:1"
  ) throws -> [(correlation: Int32, body: [UInt8])] {
    let bytes = requests.flatMap { ClientRequest.framed($0) }
    let pieces = stride(from: 0, to: bytes.count, by: pieceBytes).map {
      Array(bytes[$0..<min($0 + pieceBytes, bytes.count)])
    }
    let client = ScriptedStream(pieces: pieces, peerAddress: peer)
    let settings = settings
    let isDone = server.serve([client]) { stream, shard in
      let session = KafkaSession(stream: stream, shard: shard, settings: settings)
      return { await session.run() }
    }
    #expect(isDone)
    var reader = MessageReader(client.received, isFlexible: false)
    var found: [(Int32, [UInt8])] = []
    while !reader.isAtEnd {
      let frame = try reader.data()
      var inner = MessageReader(frame, isFlexible: false)
      found.append((try inner.int32(), Array(frame[inner.offset...])))
    }
    return found
  }

  /// Bytes as they are. False: the session has not ended.
  func send(_ bytes: [UInt8]) -> Bool {
    let settings = settings
    return server.serve([ScriptedStream(pieces: [bytes])]) { stream, shard in
      let session = KafkaSession(stream: stream, shard: shard, settings: settings)
      return { await session.run() }
    }
  }

  func end() { server.end() }
}

struct SessionTests {
  private static let table = [
    "CREATE TABLE t (id int PRIMARY KEY, line text) WITH (distributed_by = 'globally')",
    "INSERT INTO t VALUES (1, 'one')", "UPDATE t SET line = 'uno' WHERE id = 1", "DELETE FROM t",
  ]

  @Test(arguments: [1, 5, 1_000]) func greeting(pieceBytes: Int) throws {
    let server = Server()
    defer { server.end() }
    let answers = try server.ask(
      [
        ClientRequest.bytes(.apiVersions, 0, correlation: 3),
        ClientRequest.bytes(.metadata, 1, correlation: 4) { $0.strings([]) },
      ], pieceBytes: pieceBytes)
    #expect(answers.map(\.correlation) == [3, 4])
    var reader = MessageReader(answers[1].body, isFlexible: false)
    #expect(try reader.int32() == 1)
    // A node without a cluster has number 0.
    #expect(try reader.int32() == 0)
    #expect(try reader.string() == "127.0.0.1")
    #expect(try reader.int32() == 9_092)
  }

  private static func fetch(_ topic: String, offset: Int64, wait: Int32 = 0) -> [UInt8] {
    ClientRequest.bytes(.fetch, 4) { out in
      out.int32(-1)
      out.int32(wait)
      out.int32(1)
      out.int32(1 << 20)
      out.int8(0)
      out.array([topic]) { name, out in
        out.string(name)
        out.array([Int32(0)]) { index, out in
          out.int32(index)
          out.int64(offset)
          out.int32(1 << 20)
        }
      }
    }
  }

  private static func fetched(_ body: [UInt8]) throws
    -> (error: KafkaError?, next: Int64, records: [KafkaRecord])
  {
    var reader = MessageReader(body, isFlexible: false)
    _ = try reader.int32()
    _ = try reader.int32()
    _ = try reader.string()
    _ = try reader.int32()
    _ = try reader.int32()
    let error = KafkaError(rawValue: try reader.int16())
    let next = try reader.int64()
    #expect(try reader.int64() == next)
    _ = try reader.int32()
    let records = try reader.data()
    return (error, next, records.isEmpty ? [] : try ReadBatch(records).records)
  }

  @Test func changesAreRecords() throws {
    let server = Server(statements: Self.table)
    defer { server.end() }
    let answers = try server.ask([
      Self.fetch("public.t", offset: 0), Self.fetch("public.t", offset: 3, wait: 200),
      Self.fetch("public.t", offset: 9), Self.fetch("nothing", offset: 0),
    ])
    let first = try Self.fetched(answers[0].body)
    #expect(first.error == KafkaError.none && first.next == 3)
    #expect(first.records.map(\.offset) == [0, 1, 2])
    #expect(
      first.records.map { $0.value.map { String(decoding: $0, as: UTF8.self) } } == [
        "{\"id\":1,\"line\":\"one\"}", "{\"id\":1,\"line\":\"uno\"}", nil,
      ])
    #expect(first.records.allSatisfy { $0.key == Array("{\"id\":1}".utf8) })
    let second = try Self.fetched(answers[1].body)
    #expect(second.error == KafkaError.none && second.records.isEmpty)
    #expect(try Self.fetched(answers[2].body).error == .offsetOutOfRange)
    #expect(try Self.fetched(answers[3].body).error == .unknownTopicOrPartition)
  }

  /// Records are in the schema that the catalog has for them, and follow the table.
  @Test func avro() throws {
    let server = Server(statements: [
      "CREATE TABLE t (id int PRIMARY KEY, line text) WITH (distributed_by = 'globally')",
      "CREATE TOPIC a ON t WITH (format = avro)", "INSERT INTO t VALUES (1, 'one')",
      "ALTER TABLE t ADD COLUMN at date NOT NULL DEFAULT '2026-11-29'",
      "INSERT INTO t VALUES (2, NULL, 'infinity')", "DELETE FROM t WHERE id = 1",
    ])
    defer { server.end() }
    let answers = try server.ask([Self.fetch("a", offset: 0)])
    let found = try Self.fetched(answers[0].body).records
    #expect(found.count == 3)
    // The key has kept its schema; the value got one with the new column, and next to it the loose one.
    let ids = found.map { ($0.key.map(Self.schemaID), $0.value.map(Self.schemaID)) }
    #expect(ids[0].0 != nil && ids.allSatisfy { $0.0 == ids[0].0 })
    #expect(ids[0].1.map { $0 > ids[0].0 ?? .max } == true)
    #expect(ids[1].1 == ids[0].1.map { $0 + 1 })
    #expect(found.map { $0.key.map { Array($0[5...]) } } == [[2], [4], [2]])
    // 2026-11-29 is day 20,786.
    let day: [UInt8] = [0xE4, 0xC4, 0x02]
    #expect(found[0].value.map { Array($0[5...]) } == [2, 2, 6] + Array("one".utf8) + day)
    #expect(
      found[1].value.map { Array($0[5...]) } == [2, 4, 0, 4, 16] + Array("infinity".utf8))
    #expect(found[2].value == nil)
  }

  private static func schemaID(_ bytes: [UInt8]) -> UInt32 {
    #expect(bytes[0] == 0)
    return bytes[1..<5].reduce(0) { $0 << 8 | UInt32($1) }
  }

  @Test func offsetsAreKept() throws {
    let server = Server(statements: Self.table)
    defer { server.end() }
    let commit = ClientRequest.bytes(.offsetCommit, 2) { out in
      out.string("g")
      out.int32(-1)
      out.string("")
      out.int64(-1)
      out.array(["public.t", "nothing"]) { name, out in
        out.string(name)
        out.array([Int32(0)]) { index, out in
          out.int32(index)
          out.int64(2)
          out.nullableString("note \"x\" \\ {}")
        }
      }
    }
    let fetch = ClientRequest.bytes(.offsetFetch, 2) { out in
      out.string("g")
      out.array([String]?.none) { $1.string($0) }
    }
    let answers = try server.ask([fetch, commit, fetch])
    #expect(answers.count == 3)
    var before = MessageReader(answers[0].body, isFlexible: false)
    #expect(try before.int32() == 0)
    var done = MessageReader(answers[1].body, isFlexible: false)
    #expect(try done.int32() == 2)
    _ = try done.string()
    _ = try done.int32()
    _ = try done.int32()
    #expect(try done.int16() == 0)
    _ = try done.string()
    _ = try done.int32()
    _ = try done.int32()
    #expect(try done.int16() == KafkaError.unknownTopicOrPartition.rawValue)
    var after = MessageReader(answers[2].body, isFlexible: false)
    #expect(try after.int32() == 1)
    #expect(try after.string() == "public.t")
    #expect(try after.int32() == 1)
    #expect(try after.int32() == 0)
    #expect(try after.int64() == 2)
    #expect(try after.string() == "note \"x\" \\ {}")
    #expect(try after.int16() == 0)
  }

  @Test func strangersGetNothing() throws {
    let server = Server(statements: Self.table)
    defer { server.end() }
    let metadata = ClientRequest.bytes(.metadata, 1) { $0.strings(["public.t"]) }
    #expect(try server.ask([metadata], from: "10.0.0.1:5").isEmpty)
    let versions = ClientRequest.bytes(.apiVersions, 0)
    #expect(try server.ask([versions, metadata, versions], from: "10.0.0.1:5").count == 1)
    // A role without a password is not served from elsewhere.
    let login = [
      ClientRequest.bytes(.saslHandshake, 1) { $0.string("PLAIN") },
      ClientRequest.bytes(.saslAuthenticate, 0) { $0.data(Array("\0quatrain\0x".utf8)) },
    ]
    let refused = try server.ask(login + [metadata], from: "10.0.0.1:5")
    #expect(refused.count == 2)
    var reader = MessageReader(refused[1].body, isFlexible: false)
    #expect(try reader.int16() == KafkaError.saslAuthenticationFailed.rawValue)
    #expect(try server.ask(login + [metadata]).count == 3)
  }

  /// Any bytes end the session or are answered; none of them ends the node.
  @Test func badInput() {
    let server = Server(statements: Self.table)
    defer { server.end() }
    let samples =
      MessageTests.samples.map { ClientRequest.framed($0.2) } + [
        ClientRequest.framed(Self.fetch("public.t", offset: 0)),
        ClientRequest.framed(ClientRequest.bytes(.apiVersions, 0)),
      ]
    let failures = fuzz("KafkaTests.SessionTests", iterations: 60) { mutator in
      server.send(mutator.mutate(samples)) ? nil : "the session does not end"
    }
    #expect(failures == [])
    #expect((try? server.ask([ClientRequest.bytes(.apiVersions, 0)]).count) == 1)
  }
}

struct FetchSessionTests {
  private static func topics(_ partitions: [Int32]) -> [FetchRequest.Topic] {
    [
      FetchRequest.Topic(
        name: "t",
        partitions: partitions.map { FetchRequest.Partition(index: $0, offset: 0, bytesMax: 10) })
    ]
  }

  private static func place(_ partition: Int32) -> FetchPlace {
    FetchPlace(name: "t", partition: partition)
  }

  @Test func onlyNewsIsTold() {
    var session = FetchSession(id: 1)
    session.update(Self.topics([0, 1]), forgotten: [])
    var answer = FetchResponse.Partition(index: 0, highWatermark: 5, logStart: 0)
    var told = [
      session.isNews(answer, at: Self.place(0)), session.isNews(answer, at: Self.place(0)),
    ]
    answer.highWatermark = 6
    told.append(session.isNews(answer, at: Self.place(0)))
    answer.error = .notLeaderOrFollower
    told.append(session.isNews(answer, at: Self.place(0)))
    told.append(session.isNews(answer, at: Self.place(0)))
    #expect(told == [true, false, true, true, true])
  }

  @Test func partitionsComeGoAndTakeTurns() {
    var session = FetchSession(id: 1)
    session.update(Self.topics([0, 1, 2]), forgotten: [])
    session.rotate([Self.place(0)])
    #expect(session.places.map(\.place.partition) == [1, 2, 0])
    session.update([], forgotten: Self.topics([2]))
    session.update(Self.topics([3]), forgotten: [])
    #expect(session.places.map(\.place.partition) == [1, 0, 3])
    session.advance()
    #expect(session.epoch == 2)
  }
}
