import Fuzzing
import Testing
import Types

@testable import KafkaRead

/// Makes requests as clients do.
enum ClientRequest {
  static func bytes(
    _ key: APIKey, _ version: Int16, correlation: Int32 = 7,
    _ body: (inout MessageWriter) -> Void = { _ in }
  ) -> [UInt8] {
    var header = MessageWriter(isFlexible: false)
    header.int16(key.rawValue)
    header.int16(version)
    header.int32(correlation)
    header.nullableString("test")
    var out = MessageWriter(isFlexible: key.isFlexible(version))
    out.bytes = header.bytes
    out.tags()
    body(&out)
    out.tags()
    return out.bytes
  }

  static func framed(_ bytes: [UInt8]) -> [UInt8] {
    var out = MessageWriter(isFlexible: false)
    out.data(bytes)
    return out.bytes
  }

  static func request(
    _ key: APIKey, _ version: Int16, _ body: (inout MessageWriter) -> Void
  ) throws -> Request {
    let made = bytes(key, version, body)
    return try Request(made, try RequestHeader.peek(made), key)
  }
}

struct MessageTests {
  @Test(arguments: [false, true]) func fieldsComeBack(isFlexible: Bool) throws {
    var out = MessageWriter(isFlexible: isFlexible)
    out.int8(-5)
    out.int16(-300)
    out.int32(.min)
    out.int64(.max)
    out.string("zwölf")
    out.nullableString(nil)
    out.data([1, 2, 3])
    out.strings(["a", "", String(repeating: "x", count: 200)])
    out.uuid(UUIDValue(high: 1, low: 2))
    out.tags([(3, [9, 9])])
    var reader = MessageReader(out.bytes, isFlexible: isFlexible)
    #expect(try reader.int8() == -5)
    #expect(try reader.int16() == -300)
    #expect(try reader.int32() == .min)
    #expect(try reader.int64() == .max)
    #expect(try reader.string() == "zwölf")
    #expect(try reader.nullableString() == nil)
    #expect(try reader.data() == [1, 2, 3])
    #expect(try reader.strings() == ["a", "", String(repeating: "x", count: 200)])
    #expect(try reader.uuid() == UUIDValue(high: 1, low: 2))
    try reader.tags()
    #expect(reader.isAtEnd)
  }

  @Test func lengthsAreLookedAtBeforeThereIsRoom() {
    for bytes: [UInt8] in [
      [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFE], [0, 1, 0x86, 0xA1],
    ] {
      var reader = MessageReader(bytes, isFlexible: false)
      #expect(throws: MessageFault.self) { try reader.int32s() }
    }
    var reader = MessageReader([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], isFlexible: true)
    #expect(throws: MessageFault.self) { try reader.unsignedVarint() }
  }

  /// One body of each kind, in its newest version and, where there is one, the last that is not flexible.
  static let samples: [(APIKey, Int16, [UInt8])] = {
    func join(_ out: inout MessageWriter) {
      out.string("g")
      out.int32(10_000)
      out.int32(60_000)
      out.string("")
      out.nullableString("i")
      out.string("consumer")
      out.array([0]) { _, out in
        out.string("range")
        out.data([1, 2])
        out.tags()
      }
    }
    func fetch(_ out: inout MessageWriter, _ version: Int16) {
      if version <= 14 { out.int32(-1) }
      for value: Int32 in [100, 1, 1_000] { out.int32(value) }
      out.int8(0)
      out.int32(0)
      out.int32(0)
      out.array([0]) { _, out in
        if version >= 13 { out.uuid(UUIDValue(high: 1, low: 2)) } else { out.string("t") }
        out.array([0]) { _, out in
          out.int32(0)
          out.int32(-1)
          out.int64(5)
          if version >= 12 { out.int32(-1) }
          out.int64(-1)
          out.int32(1_000)
          out.tags()
        }
        out.tags()
      }
      out.array([Int32]()) { $1.int32($0) }
      out.string("")
    }
    func heartbeat(_ out: inout MessageWriter) {
      out.string("g")
      out.string("m")
      out.int32(3)
      out.nullableString(nil)
      out.nullableString(nil)
      out.int32(1_000)
      out.array(["t"]) { $1.string($0) }
      out.nullableString(nil)
      out.nullableString("uniform")
      out.array([0]) { _, out in
        out.uuid(UUIDValue(high: 1, low: 2))
        out.int32s([1, 2])
        out.tags()
      }
    }
    return [
      (.joinGroup, 5, ClientRequest.bytes(.joinGroup, 5, join)),
      (.joinGroup, 7, ClientRequest.bytes(.joinGroup, 7, join)),
      (.fetch, 11, ClientRequest.bytes(.fetch, 11) { fetch(&$0, 11) }),
      (.fetch, 16, ClientRequest.bytes(.fetch, 16) { fetch(&$0, 16) }),
      (.consumerGroupHeartbeat, 1, ClientRequest.bytes(.consumerGroupHeartbeat, 1, heartbeat)),
      (
        .metadata, 12,
        ClientRequest.bytes(.metadata, 12) { out in
          out.array(["t"]) { name, out in
            out.uuid(MetadataRequest.zeroID)
            out.nullableString(name)
            out.tags()
          }
          out.bool(false)
          out.bool(false)
        }
      ),
    ]
  }()

  private static func decode(_ key: APIKey, _ request: Request) throws {
    switch key {
    case .joinGroup: _ = try JoinGroupRequest(request)
    case .fetch: _ = try FetchRequest(request)
    case .consumerGroupHeartbeat: _ = try ConsumerGroupHeartbeatRequest(request)
    case .metadata: _ = try MetadataRequest(request)
    case .listOffsets: _ = try ListOffsetsRequest(request)
    case .offsetCommit: _ = try OffsetCommitRequest(request)
    case .offsetFetch: _ = try OffsetFetchRequest(request)
    case .syncGroup: _ = try SyncGroupRequest(request)
    case .leaveGroup: _ = try LeaveGroupRequest(request)
    case .heartbeat: _ = try HeartbeatRequest(request)
    case .findCoordinator: _ = try FindCoordinatorRequest(request)
    case .describeConfigs: _ = try DescribeConfigsRequest(request)
    case .offsetForLeaderEpoch: _ = try OffsetForLeaderEpochRequest(request)
    case .describeGroups: _ = try DescribeGroupsRequest(request)
    case .listGroups: _ = try ListGroupsRequest(request)
    case .deleteGroups: _ = try DeleteGroups.groups(request)
    case .consumerGroupDescribe: _ = try ConsumerGroupDescribe.groups(request)
    case .offsetDelete: _ = try OffsetDeleteRequest(request)
    case .saslHandshake: _ = try SaslHandshake.mechanism(request)
    case .saslAuthenticate: _ = try SaslAuthenticate.token(request)
    case .apiVersions: try ApiVersions.check(request)
    case .produce: _ = try RefusedWrites.produce(request)
    case .createTopics: _ = try RefusedWrites.createTopics(request)
    case .deleteTopics: _ = try RefusedWrites.deleteTopics(request)
    case .initProducerID: _ = RefusedWrites.initProducerID(request)
    case .describeCluster:
      _ = try DescribeCluster.body(request, brokers: [], clusterID: "", controller: 0)
    }
  }

  @Test func eachSampleIsReadWholeAndNoPieceOfIt() throws {
    for (key, version, bytes) in Self.samples {
      let header = try RequestHeader.peek(bytes)
      #expect(header.key == key && header.version == version)
      let request = try Request(bytes, header, key)
      try Self.decode(key, request)
      for end in request.bodyStart..<bytes.count {
        #expect(throws: MessageFault.self, "\(key) cut at \(end)") {
          try Self.decode(key, Request(Array(bytes[..<end]), header, key))
        }
      }
    }
  }

  @Test func everyKindBearsAnyBytes() {
    let failures = fuzz("KafkaTests.MessageTests", iterations: 4_000) { mutator in
      let key = mutator.pick(APIKey.allCases)
      let served = key.versions.served
      let version = served.lowerBound + Int16(mutator.below(served.count))
      var bytes = mutator.mutate(Self.samples.map(\.2))
      let start = ClientRequest.bytes(key, version)
      bytes = start.dropLast(key.isFlexible(version) ? 1 : 0) + bytes.dropFirst(15)
      do throws(MessageFault) {
        let request = try Request(bytes, try RequestHeader.peek(bytes), key)
        try Self.decodeTyped(key, request)
      } catch {
        return nil
      }
      return nil
    }
    #expect(failures == [])
  }

  private static func decodeTyped(_ key: APIKey, _ request: Request) throws(MessageFault) {
    do {
      try decode(key, request)
    } catch let fault as MessageFault {
      throw fault
    } catch {
      throw .malformed("\(error)")
    }
  }

  @Test func versionsOfTheTable() {
    for key in APIKey.allCases {
      let (served, flexible) = key.versions
      #expect(served.lowerBound >= 0)
      if let flexible { #expect(served.contains(flexible) || flexible <= served.lowerBound) }
    }
    // librdkafka looks for these two before it takes messages of the newer format.
    #expect(APIKey.produce.versions.served.upperBound >= 3)
    #expect(APIKey.fetch.versions.served == 4...16)
  }

  @Test func unknownVersionsAreAnsweredInTheOldestLayout() throws {
    var reader = MessageReader(ApiVersions.unknownVersionBody, isFlexible: false)
    #expect(try reader.int16() == 35)
    #expect(Int(try reader.int32()) == APIKey.allCases.count)
    #expect(reader.remaining == APIKey.allCases.count * 6)
  }
}

struct NameTests {
  @Test func namesOfSCRAM() {
    func name(_ text: String) -> String? { KafkaSession.scramName(Array(text.utf8)) }
    #expect(name("n,,n=user,r=abc") == "user")
    #expect(name("n,,n=a=2Cb=3Dc,r=abc") == "a,b=c")
    #expect(name("n,,n=a=20,r=abc") == nil)
    #expect(name("n,,r=abc") == nil)
    #expect(name("") == nil)
  }

  @Test func patterns() throws {
    let pattern = try #require(TopicPattern("public\\.(a|b).*"))
    #expect(pattern.matches("public.a") && pattern.matches("public.bcd"))
    #expect(!pattern.matches("public.c") && !pattern.matches("xpublic.a"))
    #expect(TopicPattern("a{1000}{1000}") == nil)
    #expect(TopicPattern("(a)\\1") == nil)
    #expect(TopicPattern("(") == nil)
  }

  @Test func identifiersAsToolsShowThem() {
    #expect(UUIDText.base64(UUIDValue(high: 0, low: 0)) == "AAAAAAAAAAAAAAAAAAAAAA")
    #expect(UUIDText.base64(UUIDValue(high: .max, low: .max)) == "_____________________w")
  }
}
