import Base
import Catalog
import Testing

@testable import RESP

/// What a role's setting allows.
struct ACLRulesTests {
  private static func mayGet(_ setting: String?) throws -> Bool {
    var role = RoleDescriptor(id: ObjectID(rawValue: 20_000), name: "somebody")
    if let setting { role.settings[ACLRules.setting] = setting }
    let command = CommandArguments("GET", "k")
    let spec = try #require(CommandTable.find(command))
    return ACLRules(of: role).denial(spec, command) == nil
  }

  @Test func rules() throws {
    #expect(try Self.mayGet(nil))
    #expect(try Self.mayGet("on ~* +@all"))
    #expect(try !Self.mayGet("on ~* +@all -get"))
    #expect(try !Self.mayGet("on ~other:* +@all"))
  }

  /// What a user may not do by itself it must not do in a script either.
  @Test func scripts() throws {
    var catalog = CatalogSnapshot()
    catalog.apply(CatalogSnapshot.bootstrap())
    var role = RoleDescriptor(id: ObjectID(rawValue: 20_000), name: "somebody")
    role.canLogin = true
    catalog.put(.role(role))
    for name in ["EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO"] {
      let spec = try #require(CommandTable.find(CommandArguments(name)))
      #expect(UserAccess(user: "somebody", catalog).mayNotRunScript(spec))
      #expect(!UserAccess(user: "quatrain", catalog).mayNotRunScript(spec))
    }
  }

  @Test("where a rule cannot be read nothing is allowed")
  func unreadable() throws {
    #expect(try !Self.mayGet("on ~* +@all -nosuchcommand"))
    #expect(try !Self.mayGet("on ~* +@all nonsense"))
  }
}
