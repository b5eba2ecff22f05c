import Base
import Catalog
import Node
import Reactor
import Types

/// The steps of one traced request, with their times. Lives on: the session's shard.
final class Trace {
  struct Step {
    var activity: String
    var source: InetValue
    var port: Int
    /// Since the request began.
    var microseconds: Int64
    var thread: String
  }

  /// Steps of one request that are kept, and bytes of a text of it.
  private static let stepsMax = 200
  private static let textBytesMax = 4_096

  let id: UUIDValue
  let client: String
  /// Unix time.
  let startedMicroseconds: Int64
  private let startedNanoseconds: UInt64
  private unowned let shard: NodeShard
  private let home: (address: InetValue, port: Int)
  private(set) var request = ""
  private(set) var parameters: [(String, String)] = []
  private(set) var steps: [Step] = []
  private(set) var durationMicroseconds: Int64 = 0

  init(_ shard: NodeShard, id: UUIDValue, client: String, home: (address: InetValue, port: Int)) {
    self.shard = shard
    self.id = id
    self.client = client
    self.home = home
    startedMicroseconds = Int64(shard.wallNanoseconds() / 1_000)
    startedNanoseconds = shard.reactor.monotonicNanoseconds()
  }

  var coordinator: (address: InetValue, port: Int) { home }

  private var elapsed: Int64 {
    Int64((shard.reactor.monotonicNanoseconds() - startedNanoseconds) / 1_000)
  }

  func describe(_ request: String, _ parameters: [(String, String)]) {
    self.request = request
    self.parameters = parameters.map { ($0.0, Self.cut($0.1)) }
  }

  /// A step of the coordinator.
  func note(_ activity: String) {
    add(activity, home.address, home.port, "shard \(shard.id.rawValue)")
  }

  /// A step of the tablet that has the bucket, at whoever leads it.
  func note(_ activity: String, at bucket: Bucket) {
    guard let route = shard.route(of: bucket) else {
      return note("\(activity): its leader is not known")
    }
    let isHere = route.leader.node == shard.place.node
    let host =
      shard.catalog.nodes.first { $0.node == route.leader.node }?.address
      .split(separator: ":").dropLast().joined(separator: ":") ?? ""
    add(
      "\(activity) tablet \(route.tablet)",
      isHere ? home.address : CQLShard.inet(host) ?? home.address,
      home.port, "node \(route.leader.node) shard \(route.leader.shard.rawValue)")
  }

  private func add(_ activity: String, _ source: InetValue, _ port: Int, _ thread: String) {
    guard steps.count < Self.stepsMax else { return }
    steps.append(
      Step(
        activity: Self.cut(activity), source: source, port: port, microseconds: elapsed,
        thread: thread))
  }

  func end() { durationMicroseconds = max(1, elapsed) }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > textBytesMax else { return text }
    return String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self) + "…"
  }
}
