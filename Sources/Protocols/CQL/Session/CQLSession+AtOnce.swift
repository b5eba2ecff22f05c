import Base
import Catalog
import Node
import SQL
import Types

/// Requests that are answered without a task: rows read and written by their keys, as they are read where they are on
/// this shard and nothing is in the way, else by a call of the shard that has them (`+Elsewhere`).
extension CQLSession {
  /// Answers the request where that takes no waiting, or sees to it that the reply comes; false: it has to be run.
  func answerAtOnce(_ request: Request, _ number: Int16) -> Bool {
    guard case .execute(let id, let resultID, let parameters) = request,
      let statement = state.find(id), statement.catalogVersion == shard.catalogVersion
    else { return false }
    if let point = statement.point {
      guard resultID.map({ $0 == statement.resultID }) ?? true else { return false }
      return read(point, request, parameters, number)
    }
    if let change = statement.change { return carryOut(change, request, parameters, number) }
    return false
  }

  /// The same of a request where it lies. False also where that is not the plain case: then it is read whole, and
  /// has its meaning from there.
  func answerAtOnce(_ frame: ExecuteFrame) -> Bool {
    guard let statement = state.find(frame.id), statement.catalogVersion == shard.catalogVersion
    else { return false }
    if let point = statement.point {
      guard frame.resultID.map({ $0.elementsEqual(statement.resultID) }) ?? true else {
        return false
      }
      return read(point, frame)
    }
    if let change = statement.change { return carryOut(change, frame) }
    return false
  }

  private func read(_ point: PointSelect, _ frame: ExecuteFrame) -> Bool {
    guard let roleID, point.allows(roleID, by: { shard.catalog }), let bucket = point.place(frame)
    else { return false }
    return reply(stream: frame.stream) { out in
      point.answer(frame, in: bucket, shard, arrival: arrival, into: &out)
    }
  }

  private func read(
    _ point: PointSelect, _ request: Request, _ parameters: QueryParameters, _ number: Int16
  ) -> Bool {
    guard let roleID, point.allows(roleID, by: { shard.catalog }),
      let place = point.place(parameters)
    else { return false }
    let isAnswered = reply(stream: number) { out in
      point.answer(place, parameters, shard, arrival: arrival, into: &out)
    }
    if isAnswered { return true }
    return isForOthers(place.bucket) && ask(point, place, request, parameters, number)
  }

  /// Does and commits the change; the reply may have to wait for the log.
  private func carryOut(
    _ prepared: PreparedChange, _ request: Request, _ parameters: QueryParameters, _ number: Int16
  ) -> Bool {
    guard hasRoom, let roleID, prepared.allows(roleID, by: { shard.catalog }),
      parameters.names.isEmpty,
      let change = prepared.change(parameters.values, timestamp: parameters.timestamp)
    else { return false }
    let bucket = prepared.bucket(of: change)
    let hold = shard.runAtOnce(
      bucket: bucket, arrival: arrival, knowing: shard.catalogVersion
    ) { (transaction) throws(ProcedureError) in
      try RowChange(
        table: prepared.rows, change: change, isConditional: false, transaction: transaction
      ).run()
    }
    guard let hold else {
      return isForOthers(bucket) && send(prepared, change, bucket, request, parameters, number)
    }
    committed(
      HeldReply(
        stream: number, consistency: parameters.consistency, writeType: prepared.writeType), hold)
    return true
  }

  private func carryOut(_ prepared: PreparedChange, _ frame: ExecuteFrame) -> Bool {
    guard let row = prepared.wireRow, hasRoom, let roleID,
      prepared.allows(roleID, by: { shard.catalog }),
      let place = row.place(frame)
    else { return false }
    let hold = shard.runAtOnce(
      bucket: place.bucket, arrival: arrival, knowing: shard.catalogVersion
    ) { (transaction) throws(ProcedureError) in
      try row.write(frame, place, transaction)
    }
    guard let hold else { return false }
    committed(
      HeldReply(
        stream: frame.stream, consistency: frame.consistency, writeType: prepared.writeType), hold)
    return true
  }

  private func committed(_ reply: HeldReply, _ hold: ReplyHold) {
    state.changesAtOnce += 1
    if hold.isOver { replyVoid(reply.stream) } else { replyVoid(reply, when: hold) }
  }

  // MARK: Replies

  func replyVoid(_ number: Int16) {
    reply(stream: number) { out in
      out.int(ResultBody.void)
      return true
    }
  }

  /// Replies when what the reply depends on has committed; with those that wait for the same.
  private func replyVoid(_ reply: HeldReply, when hold: ReplyHold) {
    begin()
    if let held, held.hold.isSame(as: hold) { return held.replies.append(reply) }
    let made = HeldReplies(hold: hold, replies: [reply])
    held = made
    hold.whenOver { [self] error in
      if held === made { held = nil }
      for held in made.replies {
        if let error {
          self.reply(held.error(error), stream: held.stream)
        } else {
          replyVoid(held.stream)
        }
        end()
      }
    }
  }
}

/// Replies that leave when the same entry of the log has committed. Lives on: its session's shard.
final class HeldReplies {
  let hold: ReplyHold
  var replies: [HeldReply]

  init(hold: ReplyHold, replies: [HeldReply]) {
    self.hold = hold
    self.replies = replies
  }
}

/// One of them, and what an error says in its place.
struct HeldReply {
  var stream: Int16
  var consistency: Consistency
  var writeType: String

  func error(_ error: KernelError) -> CQLError {
    KernelFaults.error(error, consistency, isWrite: true, writeType: writeType)
  }
}
