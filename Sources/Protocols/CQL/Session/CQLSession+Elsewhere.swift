import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// Rows read and written by their keys where another shard, of this node or another, has them: one call there, without
/// a task or a transaction here. Where it comes to nothing the request is run as any other.
extension CQLSession {
  /// Clients that want to hear where tablets are go the usual way, which tells them.
  func isForOthers(_ bucket: Bucket) -> Bool { !routesTablets && shard.isElsewhere(bucket) }

  func ask(
    _ point: PointSelect, _ place: PointSelect.Place, _ request: Request,
    _ parameters: QueryParameters, _ number: Int16
  ) -> Bool {
    guard hasRoom else { return false }
    begin()
    state.callsElsewhere += 1
    shard.readAlone(
      place.keyspace, place.key, in: place.bucket, of: point.tables
    ) { [self] result in
      if case .success(let value) = result, write(value, point, parameters, number) { return end() }
      // A read may be done again; the usual way says what is wrong.
      run(request, number)
    }
    return true
  }

  private func write(
    _ value: [UInt8]?, _ point: PointSelect, _ parameters: QueryParameters, _ number: Int16
  ) -> Bool {
    reply(stream: number) { out in
      let skips = parameters.skipsMetadata
      guard let value else { return point.write(nil, skipsMetadata: skips, shard, into: &out) }
      return value.withUnsafeBytes { point.write($0, skipsMetadata: skips, shard, into: &out) }
    }
  }

  func send(
    _ prepared: PreparedChange, _ change: ChangeRows.Change, _ bucket: Bucket, _ request: Request,
    _ parameters: QueryParameters, _ number: Int16
  ) -> Bool {
    begin()
    state.callsElsewhere += 1
    let call = ChangeRows(tables: [prepared.rows], conditions: [], changes: [change])
    shard.callAlone(call, bucket: bucket, using: [prepared.rows.table.id]) { [self] result in
      switch result {
      case .success: replyVoid(number)
      // Nothing has been done: the table has changed, or somebody was in the way.
      case .failure(.serializationFailure), .failure(.deadlock), .failure(.restartStatement):
        return run(request, number)
      case .failure(let error):
        reply(
          KernelFaults.error(
            error, parameters.consistency, isWrite: true, writeType: prepared.writeType),
          stream: number)
      }
      end()
    }
    return true
  }

  /// The usual way, for a request that has begun.
  private func run(_ request: Request, _ number: Int16) {
    shard.reactor.spawn { [self] in
      await perform(request, number, isTraced: false)
      end()
    }
  }
}
