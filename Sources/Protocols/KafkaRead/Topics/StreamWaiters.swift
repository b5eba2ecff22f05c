import Base
import Node
import Reactor

/// Waits for records behind a stream's end, once for all requests of a shard that wait for the same.
/// A wait goes on while a request does; what is left of it when the last request has gone ends within
/// `roundMilliseconds`. Lives on: its shard.
final class StreamWaiters {
  struct Place: Hashable {
    var table: ObjectID
    var partition: Int
    var offset: Int64
  }
  private unowned let shard: NodeShard
  private var requests: [Place: [Int: Reply<Void>]] = [:]
  private var lastRequest = 0
  private static let roundMilliseconds = 5_000

  init(_ shard: NodeShard) { self.shard = shard }

  /// Wakes `reply` when one of the places has a record, or can no longer be waited at. The number is for
  /// `leave`.
  func join(_ places: [Place], _ reply: Reply<Void>) -> Int {
    lastRequest += 1
    for place in places {
      let isWatched = requests[place] != nil
      requests[place, default: [:]][lastRequest] = reply
      if !isWatched { shard.reactor.spawn { [self] in await watch(place) } }
    }
    return lastRequest
  }

  func leave(_ places: [Place], _ request: Int) {
    for place in places { requests[place]?[request] = nil }
  }

  private func watch(_ place: Place) async {
    while requests[place]?.isEmpty == false {
      do throws(FollowError) {
        let page = try await shard.follow(
          place.table, partition: place.partition, from: place.offset, maxBytes: 1,
          waitMilliseconds: Self.roundMilliseconds)
        if !page.records.isEmpty { break }
      } catch {
        // The request meets it itself when it reads.
        break
      }
    }
    let waiting = requests.removeValue(forKey: place) ?? [:]
    for request in waiting.sorted(by: { $0.key < $1.key }) { request.value.fulfill(()) }
  }
}
