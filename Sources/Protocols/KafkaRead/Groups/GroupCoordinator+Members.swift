import Base
import Catalog
import Node
import Types

/// Requests of members, in either protocol.
extension GroupCoordinator {
  /// The answer's body, or the part of the group that is meant; nil: the request cannot be read, and its
  /// connection ends.
  func handle(_ asked: GroupRequest) async -> [UInt8]? {
    do throws(MessageFault) {
      switch asked.request.key {
      case .joinGroup: return try await join(asked)
      case .syncGroup: return try await sync(asked)
      case .heartbeat: return try await heartbeat(asked)
      case .leaveGroup: return try await leave(asked)
      case .consumerGroupHeartbeat: return try await consumerHeartbeat(asked)
      case .offsetCommit: return try await commit(asked)
      case .offsetFetch: return try await fetch(asked)
      case .offsetDelete: return try await deleteOffsets(asked)
      case .describeGroups: return try await describe(asked)
      case .consumerGroupDescribe: return try await describeConsumer(asked)
      case .deleteGroups: return try await delete(asked)
      case .listGroups: return try await list(asked)
      default: return nil
      }
    } catch {
      return nil
    }
  }

  /// The group as one of the classic protocol; false: it has members of the other one.
  private func becomeClassic(_ group: GroupState) -> Bool {
    if case .classic = group.kind { return true }
    if group.hasMembers { return false }
    group.kind = .classic(
      ClassicGroup(
        generation: group.generation, firstJoinMilliseconds: settings.firstJoinMilliseconds))
    return true
  }

  private func becomeConsumer(_ group: GroupState) -> Bool {
    if case .consumer = group.kind { return true }
    if group.hasMembers { return false }
    group.kind = .consumer(
      ConsumerGroup(
        epoch: group.generation, membersMax: settings.groupMembersMax,
        sessionMilliseconds: Int64(settings.consumerSessionMilliseconds)))
    return true
  }

  private func join(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8] {
    let request = try JoinGroupRequest(asked.request)
    func refusal(_ error: KafkaError) -> [UInt8] {
      JoinGroupResponse(error: error, member: request.member).body(asked.request)
    }
    guard
      settings.sessionTimeoutMilliseconds.contains(Int(request.sessionTimeoutMilliseconds)),
      request.rebalanceTimeoutMilliseconds > 0
    else { return refusal(.invalidSessionTimeout) }
    let memberBytes = request.strategies.reduce(0) { $0 + $1.metadata.count + $1.name.utf8.count }
    guard memberBytes <= settings.memberBytesMax else { return refusal(.invalidRequest) }
    let (ticket, reply) = joinTicket()
    let outcome = await with(request.group, asked.role) { group -> KafkaError? in
      guard becomeClassic(group) else { return .inconsistentGroupProtocol }
      return group.withClassic { classic -> KafkaError? in
        if request.member.isEmpty, classic.memberCount >= settings.groupMembersMax {
          return .groupMaxSizeReached
        }
        classic.join(
          request, version: asked.request.version, client: asked.client, ticket: ticket,
          freshID: freshID(asked.client), now: state.now)
        return nil
      } ?? .unknownServerError
    }
    switch outcome {
    case .success(nil): return await reply.get().body(asked.request)
    case .success(.some(let error)), .failure(let error):
      dropTicket(ticket)
      return refusal(error)
    }
  }

  private func sync(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8] {
    let request = try SyncGroupRequest(asked.request)
    let (ticket, reply) = syncTicket()
    let outcome = await with(request.group, asked.role) { group -> Bool in
      group.withClassic { $0.sync(request, ticket: ticket, now: state.now) } != nil
    }
    switch outcome {
    case .success(true): return await reply.get().body(asked.request)
    case .success(false):
      dropTicket(ticket)
      return SyncGroupResponse(error: .unknownMemberID).body(asked.request)
    case .failure(let error):
      dropTicket(ticket)
      return SyncGroupResponse(error: error).body(asked.request)
    }
  }

  private func heartbeat(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8] {
    let request = try HeartbeatRequest(asked.request)
    let outcome = await with(request.group, asked.role) { group in
      group.withClassic { $0.heartbeat(request, now: state.now) } ?? .unknownMemberID
    }
    return HeartbeatRequest.body(asked.request, outcome.error ?? .none)
  }

  private func leave(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8] {
    let request = try LeaveGroupRequest(asked.request)
    let outcome = await with(request.group, asked.role) { group in
      request.members.map { member in
        group.withClassic { $0.leave(member, now: state.now) } ?? .unknownMemberID
      }
    }
    switch outcome {
    case .success(let outcomes): return request.body(asked.request, .none, outcomes: outcomes)
    case .failure(let error): return request.body(asked.request, error, outcomes: [])
    }
  }

  private func consumerHeartbeat(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8] {
    let request = try ConsumerGroupHeartbeatRequest(asked.request)
    if let fault = fault(of: request) { return fault.body(asked.request) }
    let fresh = freshID(asked.client)
    let outcome = await with(request.group, asked.role) { group -> ConsumerGroupHeartbeatResponse in
      guard becomeConsumer(group) else {
        return ConsumerGroupHeartbeatResponse(
          error: .groupIDNotFound, message: "the group has members of the classic protocol")
      }
      group.roles[request.member.isEmpty ? fresh : request.member] = asked.role
      let response = group.withConsumer { consumer in
        consumer.heartbeat(
          request, client: asked.client, freshID: fresh, now: state.now
        ) { names, pattern in resolve(names, pattern, asked.role) }
      }
      if case .consumer(let consumer) = group.kind {
        group.roles = group.roles.filter { consumer.members[$0.key] != nil }
      }
      return response ?? ConsumerGroupHeartbeatResponse(error: .unknownServerError)
    }
    switch outcome {
    case .success(let response): return response.body(asked.request)
    case .failure(let error):
      return ConsumerGroupHeartbeatResponse(error: error).body(asked.request)
    }
  }

  private func fault(of request: ConsumerGroupHeartbeatRequest) -> ConsumerGroupHeartbeatResponse? {
    if let name = request.assignor, Assignor(rawValue: name) == nil {
      let names = Assignor.allCases.map(\.rawValue).joined(separator: ", ")
      return ConsumerGroupHeartbeatResponse(
        error: .unsupportedAssignor, message: "there is no assignor \(name), but \(names)")
    }
    if let pattern = request.pattern, !pattern.isEmpty, TopicPattern(pattern) == nil {
      return ConsumerGroupHeartbeatResponse(
        error: .invalidRegularExpression,
        message:
          "\(pattern): an extended regular expression without { } and back references is wanted")
    }
    return nil
  }
}

extension Result where Success == KafkaError, Failure == KafkaError {
  var error: KafkaError? {
    switch self {
    case .success(let error): error == .none ? nil : error
    case .failure(let error): error
    }
  }
}
