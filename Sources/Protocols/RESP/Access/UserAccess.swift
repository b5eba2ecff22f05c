import Base
import Catalog
import Node

/// What a user may do, by one version of the catalog. Lives on: a session.
struct UserAccess {
  let catalogVersion: UInt64
  /// The client has said who it is, and there is still such a role.
  let isKnown: Bool
  /// It may do everything.
  let isUnrestricted: Bool
  let rights: AccessRights?

  init(user: String?, _ catalog: CatalogSnapshot) {
    catalogVersion = catalog.version
    let role = user.flatMap { RESPSession.role(of: $0, catalog) }
    isKnown = role != nil
    rights = role.map { AccessRights(of: $0, catalog) }
    isUnrestricted = rights?.allowEverything ?? false
  }
}

/// A user's rules, and what SQL's privileges on the table `redis.keys` allow besides. Goes along with
/// scripts, whose commands are checked where they run.
struct AccessRights: Sendable {
  let rules: ACLRules
  private let mayRead: Bool
  private let mayWrite: Bool

  init(of role: RoleDescriptor, _ catalog: CatalogSnapshot) {
    rules = ACLRules(of: role)
    let held = TablePrivileges.held(by: role, catalog)
    mayRead = held.contains("r")
    mayWrite = "awd".allSatisfy(held.contains)
  }

  var allowEverything: Bool { rules.allowsEverything && mayRead && mayWrite }

  /// Nil: the command is allowed.
  func denial(_ spec: CommandSpec, _ command: CommandArguments) -> ACLDenial? {
    if let denial = rules.denial(spec, command) { return denial }
    // What a script does with the tables is asked of each of its commands.
    if ScriptCommands.runners.contains(spec.name) { return nil }
    return missingPrivilege(spec).map { .privilege($0) }
  }

  /// The privilege of SQL that the command lacks; nil: it has what it needs.
  private func missingPrivilege(_ spec: CommandSpec) -> String? {
    if spec.flags.contains(.write), !mayWrite { return "INSERT, UPDATE and DELETE" }
    if spec.flags.contains(.readOnly), !mayRead { return "SELECT" }
    return nil
  }
}

extension AccessRights: WireCodable {
  func encode(into out: inout WireEncoder) {
    rules.text.encode(into: &out)
    mayRead.encode(into: &out)
    mayWrite.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let text = try String(from: &reader)
    do throws(ACLFault) {
      rules = try ACLRules(text: text)
    } catch {
      throw .malformed("ACL rules \(text): \(error.reason)")
    }
    mayRead = try Bool(from: &reader)
    mayWrite = try Bool(from: &reader)
  }
}

/// Something that a script was not allowed, for ACL LOG.
struct ScriptRefusal: WireCodable, Equatable {
  var reason: String
  var object: [UInt8]

  init(reason: String, object: [UInt8]) {
    self.reason = reason
    self.object = object
  }
  func encode(into out: inout WireEncoder) {
    reason.encode(into: &out)
    out.bytes.blob(object)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    reason = try String(from: &reader)
    object = try reader.bytes.blob()
  }
}
